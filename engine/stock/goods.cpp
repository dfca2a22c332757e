// Goods that come in, go out of the books or are counted (domain.md 3.8). What is corrected away
// from under soft holds and reservations ends or breaks those first, so that no event ever leaves
// more promised than is there.
#include "engine/stock/rules.h"
#include "events/base/money.h"

namespace orderlog::engine::stock {

namespace {

// Breaks what no longer fits into an item that will have that much on hand and damaged.
bool make_fit(StockDraft& draft, std::int64_t on_hand, std::int64_t damaged) {
  const StockTotals& totals = draft.totals();
  const std::int64_t missing = totals.reserved + totals.soft_held + damaged - on_hand;
  return missing <= 0 || break_newest(draft, missing);
}

// A client can't receive more than is expected and tolerated (4.15); the past is taken as it was.
Check check_expected(const StockItem& item, const schema::ReceiveStock& command,
                     const Context& context) {
  const std::string_view id = text(command.expectation_id());
  if (id.empty() || is_tolerant(context)) return std::nullopt;
  const auto found = item.incoming.find(id);
  if (found == item.incoming.end()) {
    return Rejection{RejectionCode::NotFound, "/expectation_id",
                     "nothing is expected under " + std::string(id)};
  }
  const std::int64_t expected = found->second.milli;
  const auto tolerated =
      static_cast<__int128>(expected) * (ppm_whole + context.policy.stock.over_delivery_ppm);
  if (static_cast<__int128>(milli(command.quantity())) * ppm_whole > tolerated) {
    return Rejection{RejectionCode::LimitExceeded, "/quantity",
                     "only " + quantity_to_text(Quantity(expected)) + " are expected"};
  }
  return std::nullopt;
}

}  // namespace

StockDecision receive(const StockItem& item, const schema::ReceiveStock& command,
                      const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  if (auto no = check_room(item.totals, milli(command.quantity()))) return Rejected{*no};
  if (auto no = check_expected(item, command, context)) return Rejected{*no};
  StockDraft draft(item);
  received(draft, milli(command.quantity()), text(command.expectation_id()));
  schema::StockReceivedT event;
  event.quantity = *command.quantity();
  event.document = text(command.document());
  event.expectation_id = text(command.expectation_id());
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision adjust(const StockItem& item, const schema::AdjustStock& command,
                     const Context& context) {
  std::int64_t delta = milli(command.delta());
  std::int64_t damaged_delta = milli(command.damaged_delta());
  const std::int64_t limit = context.policy.order.quantity_milli_max;
  if (delta == 0 && damaged_delta == 0) {
    return reject(RejectionCode::InvalidArgument, "the adjustment changes nothing", "/delta");
  }
  if (delta > limit || delta < -limit) {
    return reject(RejectionCode::LimitExceeded, "the adjustment is above the limit", "/delta");
  }
  if (damaged_delta > limit || damaged_delta < -limit) {
    return reject(RejectionCode::LimitExceeded, "the adjustment is above the limit",
                  "/damaged_delta");
  }
  if (auto no = check_id(command.reason(), "/reason")) {
    return reject(RejectionCode::InvalidArgument, "an adjustment needs a reason", "/reason");
  }
  if (auto no = check_room(item.totals, std::max<std::int64_t>(delta, 0))) {
    return reject(no->code, no->detail, "/delta");
  }
  if (context.authority == schema::Authority::System) {
    // A picker misses what a count has found missing meanwhile.
    delta = std::max(delta, -item.totals.on_hand);
    damaged_delta = std::min(damaged_delta, item.totals.on_hand + delta - item.totals.damaged);
    if (delta == 0 && damaged_delta == 0) return StockDraft(item).finish();
  }
  const std::int64_t on_hand = item.totals.on_hand + delta;
  const std::int64_t damaged = item.totals.damaged + damaged_delta;
  if (on_hand < 0) {
    return reject(RejectionCode::InsufficientStock,
                  "only " + quantity_to_text(Quantity(item.totals.on_hand)) + " are on hand",
                  "/delta");
  }
  if (damaged < 0 || damaged > on_hand) {
    return reject(RejectionCode::InvalidArgument,
                  "of " + quantity_to_text(Quantity(on_hand)) + " on hand, " +
                      quantity_to_text(Quantity(damaged)) + " can't be damaged",
                  "/damaged_delta");
  }
  StockDraft draft(item);
  if (!make_fit(draft, on_hand, damaged)) return too_many_breaks();
  adjusted(draft, delta, damaged_delta);
  schema::StockAdjustedT event;
  event.delta = Quantity(delta);
  event.damaged_delta = Quantity(damaged_delta);
  event.reason = text(command.reason());
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

// A count is told even when it finds what the books say: that it was made is worth knowing.
StockDecision count(const StockItem& item, const schema::CountStock& command,
                    const Context& context) {
  if (command.counted() == nullptr || command.counted()->milli() < 0) {
    return reject(RejectionCode::InvalidArgument, "a count can't be below zero", "/counted");
  }
  const std::int64_t found = command.counted()->milli();
  if (found > context.policy.order.quantity_milli_max) {
    return reject(RejectionCode::LimitExceeded, "the quantity is above the limit", "/counted");
  }
  const std::int64_t difference = found - item.totals.on_hand;
  if (auto no = check_room(item.totals, std::max<std::int64_t>(difference, 0))) {
    return reject(no->code, no->detail, "/counted");
  }
  StockDraft draft(item);
  if (!make_fit(draft, found, std::min(item.totals.damaged, found))) return too_many_breaks();
  counted(draft, found);
  schema::StockCountedT event;
  event.counted = Quantity(found);
  event.difference = Quantity(difference);
  event.reason = text(command.reason());
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision restock(const StockItem& item, const schema::RestockReturn& command,
                      const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  if (auto no = check_room(item.totals, milli(command.quantity()))) return Rejected{*no};
  StockDraft draft(item);
  restocked(draft, milli(command.quantity()), command.condition());
  schema::StockRestockedT event;
  event.quantity = *command.quantity();
  event.document = text(command.document());
  event.condition = command.condition();
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

// Only what is available may go: holds and reservations stay where they were promised.
StockDecision transfer(const StockItem& item, const schema::TransferStock& command,
                       const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  if (auto no = check_id(command.to_location(), "/to_location")) return Rejected{*no};
  const std::string_view id = context.aggregate_id;
  const auto at = id.find('@');
  const std::string_view to = text(command.to_location());
  if (to == id.substr(at + 1) || to.find('@') != std::string_view::npos) {
    return reject(RejectionCode::InvalidArgument,
                  "a transfer goes to another location of the same sku", "/to_location");
  }
  if (to.size() > location_bytes_max) {
    return reject(RejectionCode::LimitExceeded,
                  "a location's name has at most " + std::to_string(location_bytes_max) + " bytes",
                  "/to_location");
  }
  const std::int64_t quantity = milli(command.quantity());
  if (quantity > item.totals.available()) {
    return reject(RejectionCode::InsufficientStock,
                  "only " + quantity_to_text(Quantity(item.totals.available())) + " are available",
                  "/quantity");
  }
  StockDraft draft(item);
  transferred_out(draft, quantity);
  schema::StockTransferredOutT event;
  event.quantity = *command.quantity();
  event.to_stock_item_id = std::string(id.substr(0, at + 1)) + std::string(to);
  event.document = text(command.document());
  draft.emit(std::move(event));
  return draft.finish();
}

// It has left the other location already: there is no refusing it.
StockDecision accept_transfer(const StockItem& item, const schema::AcceptTransfer& command,
                              const Context&) {
  StockDraft draft(item);
  received(draft, milli(command.quantity()), {});
  schema::StockTransferredInT event;
  event.quantity = *command.quantity();
  event.from_stock_item_id = text(command.from_stock_item_id());
  event.document = text(command.document());
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision scrap(const StockItem& item, const schema::ScrapStock& command,
                    const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  if (auto no = check_id(command.reason(), "/reason")) {
    return reject(RejectionCode::InvalidArgument, "scrapping needs a reason", "/reason");
  }
  const std::int64_t quantity = milli(command.quantity());
  if (quantity > item.totals.on_hand) {
    return reject(RejectionCode::InsufficientStock,
                  "only " + quantity_to_text(Quantity(item.totals.on_hand)) + " are on hand",
                  "/quantity");
  }
  StockDraft draft(item);
  const std::int64_t damaged = std::max<std::int64_t>(item.totals.damaged - quantity, 0);
  if (!make_fit(draft, item.totals.on_hand - quantity, damaged)) return too_many_breaks();
  scrapped(draft, quantity);
  schema::StockScrappedT event;
  event.quantity = Quantity(quantity);
  event.reason = text(command.reason());
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision block(const StockItem& item, const schema::BlockStock& command) {
  if (auto no = check_id(command.reason(), "/reason")) {
    return reject(RejectionCode::InvalidArgument, "blocking needs a reason", "/reason");
  }
  if (item.totals.blocked) {
    return reject(RejectionCode::InvalidTransition, "the stock item is blocked already");
  }
  StockDraft draft(item);
  draft.totals().blocked = true;
  schema::StockBlockedT event;
  event.reason = text(command.reason());
  draft.emit(std::move(event));
  return draft.finish();
}

// Those who waited meanwhile are served.
StockDecision unblock(const StockItem& item) {
  if (!item.totals.blocked) {
    return reject(RejectionCode::InvalidTransition, "the stock item is not blocked");
  }
  StockDraft draft(item);
  draft.totals().blocked = false;
  draft.emit(schema::StockUnblockedT{});
  return finished(std::move(draft));
}

StockDecision set_safety(const StockItem& item, const schema::SetSafetyStock& command,
                         const Context& context) {
  if (command.quantity() == nullptr || command.quantity()->milli() < 0) {
    return reject(RejectionCode::InvalidArgument, "safety stock can't be below zero", "/quantity");
  }
  const std::int64_t quantity = command.quantity()->milli();
  if (quantity > context.policy.order.quantity_milli_max) {
    return reject(RejectionCode::LimitExceeded, "the quantity is above the limit", "/quantity");
  }
  StockDraft draft(item);
  if (quantity == item.totals.safety) return draft.finish();
  draft.totals().safety = quantity;
  schema::SafetyStockSetT event;
  event.quantity = Quantity(quantity);
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

}  // namespace orderlog::engine::stock
