// One decision of an order in the making: the events so far, and the counters as they are after
// them, so that a later event of the same decision (approved, released, shipment requested,
// completed) sees what the earlier ones did without a copy of the state. Lives for one call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/aggregates.h"
#include "engine/order/counters.h"

namespace orderlog::engine::order {

using OrderDecision = Decision<schema::OrderEventUnion>;

struct LineLook {
  const schema::OrderLineStateT* state = nullptr;
  std::uint32_t line = 0;
  std::int64_t ordered = 0;
  std::int64_t cancelled = 0;
  std::int64_t reserved = 0;
  std::int64_t backordered = 0;
  std::int64_t planned = 0;
  std::int64_t picked = 0;
  std::int64_t shipped = 0;
  std::int64_t delivered = 0;
  std::int64_t invoiced = 0;
  std::int64_t claimed = 0;
  std::int64_t cancel_pending = 0;
  std::int64_t invoice_requested = 0;
  std::int64_t released_total = 0;
  std::optional<schema::StockClaimsT> stock;
  bool stock_checked = false;
  std::optional<Day> available_from;

  explicit LineLook(const schema::OrderLineStateT& from);
  LineLook() = default;
};

struct ShipmentLook {
  const schema::OrderShipmentT* state = nullptr;
  bool dispatched = false;
};
// Thousandths of one line in a shipment.
std::int64_t quantity_in(const schema::OrderShipmentT& shipment, std::uint32_t line);
// Thousandths of one line that are picked and have not left.
std::int64_t picked_by_shipments(const schema::OrderStateT& order, std::uint32_t line);

constexpr unsigned bit(schema::HoldReason reason) { return 1U << static_cast<unsigned>(reason); }
constexpr unsigned bit(schema::CheckKind kind) { return 1U << static_cast<unsigned>(kind); }

class Working {
 public:
  Working(const schema::OrderStateT& state, const Context& decision_context);

  const schema::OrderStateT& order;
  const Context& context;
  OrderDecision decision;

  schema::OrderLifecycle lifecycle;
  unsigned holds = 0;
  unsigned passed = 0;
  bool approval_pending = false;
  std::int64_t credit_left = 0;
  std::int64_t total = 0;       // minor units of the order's currency
  std::int64_t base_total = 0;  // minor units of the base currency
  std::vector<LineLook> lines;
  std::vector<ShipmentLook> shipments;

  template <class EventT>
  void add(EventT&& event) {
    decision.add(std::forward<EventT>(event));
  }
  // Version of the order once the next event is appended.
  std::uint64_t next_version() const { return context.version + decision.events().size() + 1; }

  LineLook* line(std::uint32_t number);
  bool held(schema::HoldReason reason) const { return (holds & bit(reason)) != 0; }
  bool has_passed(schema::CheckKind kind) const { return (passed & bit(kind)) != 0; }
  bool imported() const { return order.imported; }
  const schema::OrderHeaderT& header() const { return *order.header; }
  // Today at the customer's.
  Day today() const;
  std::vector<std::string> waiting_shipments() const;

  void hold(schema::HoldReason reason, std::string detail, Money amount = Money());
  void check_failed(schema::CheckKind kind, std::uint32_t line, std::string detail);
};

// ---- small questions to the state ---------------------------------------------------------------
bool is_alive(schema::OrderLifecycle lifecycle);      // may still change: Draft … InFulfilment
bool is_committed(schema::OrderLifecycle lifecycle);  // Approved or InFulfilment
std::string stock_item_id(const schema::OrderLineT& line);
std::string reservation_id(std::string_view order_id, std::uint32_t line);
schema::SalesDimensionsT dimensions_of(const schema::OrderHeaderT& header, Day booked_on);
std::int32_t pick_pack_days(const schema::OrderLineT& line, const ReferenceData& reference);
Day local_today(const schema::OrderHeaderT& header, const Context& context);

// ---- rejections ---------------------------------------------------------------------------------
Rejected wrong_lifecycle(const schema::OrderStateT& order, std::string_view what);
Rejected missing(std::string_view field);
Rejected no_such_line(std::uint32_t line);

inline std::string text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : text->str();
}
inline bool has_text(const flatbuffers::String* text) {
  return text != nullptr && text->size() > 0;
}
inline std::int64_t milli_of(const Quantity* quantity) {
  return quantity == nullptr ? 0 : quantity->milli();
}
inline bool is_stated(const Money* amount) {
  return amount != nullptr && amount->currency() != schema::Currency::None;
}
inline std::optional<Day> day_of(const flatbuffers::Optional<std::int32_t>& day) {
  return day.has_value() ? std::optional<Day>(day.value()) : std::nullopt;
}
inline flatbuffers::Optional<std::int32_t> stored_day(const std::optional<Day>& day) {
  return day ? flatbuffers::Optional<std::int32_t>(*day) : flatbuffers::nullopt;
}

}  // namespace orderlog::engine::order
