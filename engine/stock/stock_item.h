// The state of one stock item (sku@location, domain.md 3.8) as the decider uses it: the totals, and
// the holds, reservations and incoming goods they are made of. Stored as schema::StockState.
// Must hold after every event: 0 ≤ damaged + reserved + soft_held ≤ on_hand, and each total is the
// sum of its parts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/state_parts.h"
#include "engine/stock/reservation_ledger.h"
#include "events/base/time.h"
#include "events/schema/stock_generated.h"

namespace orderlog::engine {

// All in thousandths of the base unit.
struct StockTotals {
  std::int64_t on_hand = 0;  // damaged, reserved and picked included
  std::int64_t damaged = 0;
  std::int64_t reserved = 0;  // picked included: it leaves with the issue
  std::int64_t soft_held = 0;
  std::int64_t backordered = 0;
  std::int64_t incoming = 0;
  std::int64_t safety = 0;
  std::int64_t received = 0;  // ever, corrections included: received − issued = on_hand
  std::int64_t issued = 0;    // ever, scrap included
  bool blocked = false;       // nothing is promised while it is counted or inspected

  std::int64_t unpromised() const { return on_hand - damaged - reserved - soft_held; }
  // What may be promised.
  std::int64_t available() const { return blocked ? 0 : unpromised(); }
  friend bool operator==(const StockTotals&, const StockTotals&) = default;
};

// Soft holds by id and by the time at which they end.
class SoftHolds {
 public:
  const schema::SoftHoldT* find(std::string_view hold_id) const;
  // A hold with an id that is there already replaces nothing.
  void put(schema::SoftHoldT hold);
  // The thousandths that it held; 0 when there was none.
  std::int64_t drop(std::string_view hold_id);

  const std::map<std::string, schema::SoftHoldT, std::less<>>& by_id() const { return holds_; }
  // (end, id); a hold without an end is under timestamp_max.
  const std::set<std::pair<TimestampUs, std::string>>& by_end() const { return ends_; }

 private:
  std::map<std::string, schema::SoftHoldT, std::less<>> holds_;
  std::set<std::pair<TimestampUs, std::string>> ends_;
};

inline constexpr std::size_t issued_ahead_max = 10'000;

struct StockItem {
  using TableType = schema::StockState;

  bool exists = false;
  StockTotals totals;
  SoftHolds holds;
  ReservationLedger ledger;
  std::map<std::string, schema::IncomingT, std::less<>> incoming;
  // By reservation; at most issued_ahead_max, later ones are not noted (and then stay reserved).
  std::map<std::string, schema::IssuedAheadT, std::less<>> issued_ahead;
  // Business time of the last event; the filling of backorders goes on from there.
  TimestampUs changed_at = 0;
};

// To and from the stored form (the runtime's engine/runtime/state_codec.h). The same state always
// gives the same bytes.
flatbuffers::Offset<schema::StockState> pack_state(flatbuffers::FlatBufferBuilder& builder,
                                                   const StockItem& item);
void unpack_state(StockItem& item, const schema::StockState& stored);
// In parts (engine/state_parts.h): each reservation is a part, its key opened_order in 8 bytes, the
// highest first.
flatbuffers::Offset<schema::StockState> pack_head(flatbuffers::FlatBufferBuilder& builder,
                                                  const StockItem& item);
void take_changed_parts(StockItem& item, flatbuffers::FlatBufferBuilder& builder,
                        const PartVisit& visit);
void add_part(StockItem& item, const schema::StockState& part);
std::size_t parts_bytes(const StockItem& item);

// Every sum taken anew from its parts, for audits and tests (domain.md P2).
struct StockRecount {
  std::int64_t reserved = 0;
  std::int64_t soft_held = 0;
  std::int64_t backordered = 0;
  std::int64_t incoming = 0;

  friend bool operator==(const StockRecount&, const StockRecount&) = default;
};
StockRecount recount(const StockItem& item);
StockRecount recount(const schema::StockState& stored);

// What is wrong with the item's books, in words; nothing when they agree. O(n).
std::optional<std::string> find_discrepancy(const StockItem& item);
std::optional<std::string> find_discrepancy(const schema::StockState& stored);

}  // namespace orderlog::engine
