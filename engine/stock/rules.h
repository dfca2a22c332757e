// What the deciders of a stock item share: limits, checks of a command's fields, and the steps that
// several commands take. One decide_* function a group of commands, all pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/context.h"
#include "engine/stock/stock_draft.h"

namespace orderlog::engine::stock {

// Backorders filled by one command; the timer goes on with the rest. Each fill has follow-ups in
// other aggregates, all in the same commit.
inline constexpr int fills_per_command_max = 100;
// Reservations and soft holds that one correction may break; a larger one is made in steps.
inline constexpr int breaks_per_command_max = 1'000;
inline constexpr int expiries_per_command_max = 1'000;
inline constexpr std::size_t soft_holds_max = 100'000;  // per stock item
inline constexpr std::size_t location_bytes_max = 64;   // of a transfer's target
inline constexpr std::size_t expectations_max = 1'000;  // per stock item
inline constexpr std::int32_t hold_ttl_seconds_max = 30 * 24 * 3600;
// On hand, and everything expected, in thousandths; far from the end of int64.
inline constexpr std::int64_t stock_milli_max = 1'000'000'000'000'000;
// Ever received, in thousandths.
inline constexpr std::int64_t received_milli_max = 4'000'000'000'000'000'000;

using Check = std::optional<Rejection>;

std::string_view text(const flatbuffers::String* string);
inline std::int64_t milli(const Quantity* quantity) {
  return quantity == nullptr ? 0 : quantity->milli();
}
// Commands of the engine and of an import tell what has happened: where a client would be refused,
// they are taken as far as they go.
inline bool is_tolerant(const Context& context) {
  return context.authority != schema::Authority::Normal;
}
// The working day of the warehouse.
Day today(const Context& context);

// Above zero and within the policy's limit.
Check check_quantity(const Quantity* quantity, const Context& context, const char* pointer);
Check check_id(const flatbuffers::String* id, const char* pointer);
Check check_date(Day date, const Context& context, const char* pointer);
// Room for that much more on hand.
Check check_room(const StockTotals& totals, std::int64_t milli);
Rejected no_reservation(std::string_view id);

// An event about a reservation, with the fields that all of them share.
template <class EventT>
EventT about(const schema::ReservationT& entry, std::int64_t milli) {
  EventT event;
  event.reservation_id = entry.reservation_id;
  event.order_id = entry.order_id;
  event.line = entry.line;
  event.quantity = Quantity(milli);
  if constexpr (requires { event.released_total; }) event.released_total = entry.released_total;
  return event;
}

// Gives free stock to those who wait, first come by rank, at most fills_per_command_max of them.
void fill_backorders(StockDraft& draft);
// Ends soft holds (latest end first), then breaks reservations (newest first, shelf before picked)
// until `milli` is free of promises; the reservation `spared` is left alone. False when that takes
// more than breaks_per_command_max.
bool break_newest(StockDraft& draft, std::int64_t milli, std::string_view spared = {});
Rejected too_many_breaks();
// What a newcomer of that rank may take: what is available without what those before him wait for.
std::int64_t claimable(const StockItem& item, const BackorderRank& rank);

// What can be promised (domain.md 3.8, 4.9).
struct Availability {
  std::int64_t now = 0;  // thousandths
  Day earliest = 0;      // first day on or after the material date with the whole quantity
};
Availability availability_of(const StockItem& item, std::int64_t quantity, Day material_date,
                             Day today, const Policy& policy);

// Fills what can be filled and closes the decision.
StockDecision finished(StockDraft draft);

// Goods: what comes in, goes out of the books or is counted.
StockDecision receive(const StockItem&, const schema::ReceiveStock&, const Context&);
StockDecision adjust(const StockItem&, const schema::AdjustStock&, const Context&);
StockDecision count(const StockItem&, const schema::CountStock&, const Context&);
StockDecision restock(const StockItem&, const schema::RestockReturn&, const Context&);
StockDecision scrap(const StockItem&, const schema::ScrapStock&, const Context&);
StockDecision transfer(const StockItem&, const schema::TransferStock&, const Context&);
StockDecision accept_transfer(const StockItem&, const schema::AcceptTransfer&, const Context&);
StockDecision block(const StockItem&, const schema::BlockStock&);
StockDecision unblock(const StockItem&);
StockDecision set_safety(const StockItem&, const schema::SetSafetyStock&, const Context&);
// Soft holds.
StockDecision hold(const StockItem&, const schema::HoldStock&, const Context&);
StockDecision release_hold(const StockItem&, const schema::ReleaseHoldOfStock&, const Context&);
StockDecision expire_holds(const StockItem&, const Context&);
// Reservations.
StockDecision reserve(const StockItem&, const schema::ReserveStock&, const Context&);
StockDecision release(const StockItem&, const schema::ReleaseStock&, const Context&);
StockDecision pick(const StockItem&, const schema::PickStock&, const Context&);
StockDecision unpick(const StockItem&, const schema::UnpickStock&, const Context&);
StockDecision issue(const StockItem&, const schema::IssueStock&, const Context&);
// Backorders, incoming goods and what can be promised.
StockDecision promise(const StockItem&, const schema::PromiseBackorder&, const Context&);
StockDecision reprioritise(const StockItem&, const schema::ReprioritiseBackorder&, const Context&);
StockDecision expect(const StockItem&, const schema::ExpectStock&, const Context&);
StockDecision reschedule(const StockItem&, const schema::RescheduleIncoming&, const Context&);
StockDecision cancel_incoming(const StockItem&, const schema::CancelIncoming&, const Context&);
StockDecision check_availability(const StockItem&, const schema::CheckAvailability&,
                                 const Context&);

}  // namespace orderlog::engine::stock
