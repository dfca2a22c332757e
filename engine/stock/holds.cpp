// Soft holds: what lies in a cart for some minutes (domain.md 4.12). They rank behind every
// backorder, and a correction of the stock ends them before it breaks a reservation.
#include <vector>

#include "engine/stock/rules.h"

namespace orderlog::engine::stock {

namespace {

constexpr BackorderRank last_rank{std::numeric_limits<std::int32_t>::min(), day_max,
                                  std::numeric_limits<std::uint64_t>::max()};

// A policy without a time to live (0) makes holds that do not end by themselves.
flatbuffers::Optional<std::int64_t> end_of_hold(const schema::HoldStock& command,
                                                const Context& context) {
  const std::int64_t seconds = command.ttl_seconds().has_value()
                                   ? command.ttl_seconds().value()
                                   : context.policy.stock.soft_hold_ttl_seconds;
  if (seconds <= 0) return flatbuffers::nullopt;
  return context.occurred_at + seconds * us_per_second;
}

}  // namespace

StockDecision hold(const StockItem& item, const schema::HoldStock& command,
                   const Context& context) {
  if (auto no = check_id(command.hold_id(), "/hold_id")) return Rejected{*no};
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  if (command.ttl_seconds().has_value() && (command.ttl_seconds().value() <= 0 ||
                                            command.ttl_seconds().value() > hold_ttl_seconds_max)) {
    return reject(RejectionCode::InvalidArgument,
                  "a hold lasts from 1 to " + std::to_string(hold_ttl_seconds_max) + " seconds",
                  "/ttl_seconds");
  }
  StockDraft draft(item);
  if (item.holds.find(text(command.hold_id())) != nullptr) return draft.finish();
  if (item.holds.by_id().size() >= soft_holds_max) {
    return reject(RejectionCode::LimitExceeded, "too many soft holds on this stock item");
  }
  const std::int64_t free = claimable(item, last_rank);
  if (milli(command.quantity()) > free) {
    return reject(RejectionCode::InsufficientStock,
                  "only " + quantity_to_text(Quantity(free)) + " are available", "/quantity");
  }
  schema::SoftHoldT made;
  made.hold_id = text(command.hold_id());
  made.milli = milli(command.quantity());
  made.expires_at = end_of_hold(command, context);
  held(draft, made);
  schema::StockHeldT event;
  event.hold_id = made.hold_id;
  event.quantity = Quantity(made.milli);
  event.expires_at = made.expires_at;
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision release_hold(const StockItem& item, const schema::ReleaseHoldOfStock& command,
                           const Context& context) {
  const std::string_view id = text(command.hold_id());
  StockDraft draft(item);
  if (item.holds.find(id) == nullptr) {
    if (is_tolerant(context)) return draft.finish();
    return reject(RejectionCode::NotFound, "no soft hold " + std::string(id), "/hold_id");
  }
  schema::StockHoldReleasedT event;
  event.hold_id = id;
  event.quantity = Quantity(draft.drop_hold(id));
  hold_ended(draft, id);
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

// The timer: ends the holds whose time is up, and goes on filling backorders where an earlier
// command had to stop at its limit.
StockDecision expire_holds(const StockItem& item, const Context& context) {
  if (context.authority != schema::Authority::System) {
    return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
  }
  StockDraft draft(item);
  int expired = 0;
  for (const auto& [end, id] : item.holds.by_end()) {
    if (end > context.occurred_at || end == timestamp_max) break;
    if (++expired > expiries_per_command_max) break;
    schema::StockHoldExpiredT event;
    event.hold_id = id;
    event.quantity = Quantity(draft.drop_hold(id));
    hold_ended(draft, id);
    draft.emit(std::move(event));
  }
  fill_backorders(draft);
  return draft.finish();
}

}  // namespace orderlog::engine::stock
