// Reservations from the promise to the goods' leaving (domain.md 3.8, P1 to P3): everything goes by
// the reservation's id and by what is left of it, so that no repeat and no order of arrival frees
// or takes anything twice.
#include "engine/stock/rules.h"
#include "events/base/planted_bug.h"

namespace orderlog::engine::stock {

namespace {

schema::ReservationT new_entry(const StockItem& item, const schema::ReserveStock& command,
                               const Context& context) {
  schema::ReservationT entry;
  entry.reservation_id = text(command.reservation_id());
  entry.order_id = text(command.order_id());
  entry.line = command.line();
  entry.priority = command.priority();
  entry.promised_date = command.promised_date();
  entry.opened_at = context.occurred_at;
  entry.opened_order = item.ledger.next_opened_order();
  return entry;
}

template <class EventT>
EventT about_new(const schema::ReservationT& entry, std::int64_t quantity,
                 std::string_view hold_id) {
  auto event = about<EventT>(entry, quantity);
  event.priority = entry.priority;
  event.promised_date = entry.promised_date;
  event.hold_id = hold_id;
  return event;
}

StockDecision refuse(StockDraft draft, const schema::ReservationT& entry, std::int64_t quantity,
                     std::int64_t can) {
  auto event = about<schema::StockReservationRefusedT>(entry, quantity);
  event.available = Quantity(can);
  draft.emit_plain(std::move(event));
  return finished(std::move(draft));
}

// What an order says of its line; a client has no line to speak of.
template <class Command>
std::int64_t heard_total(const Command& command, const Context& context) {
  return is_tolerant(context) ? command.released_total() : 0;
}

Check check_reserve(const schema::ReserveStock& command, const Context& context) {
  if (auto no = check_id(command.reservation_id(), "/reservation_id")) return no;
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return no;
  if (command.promised_date().has_value() &&
      (command.promised_date().value() < day_min || command.promised_date().value() >= day_max)) {
    return Rejection{RejectionCode::InvalidArgument, "/promised_date", "there is no such day"};
  }
  return std::nullopt;
}

Rejected only_left(std::int64_t left, const char* what) {
  return reject(RejectionCode::InsufficientStock,
                "only " + quantity_to_text(Quantity(left)) + " of this reservation " + what,
                "/quantity");
}

}  // namespace

StockDecision reserve(const StockItem& item, const schema::ReserveStock& command,
                      const Context& context) {
  if (auto no = check_reserve(command, context)) return Rejected{*no};
  StockDraft draft(item);
  const auto* known = item.ledger.find(text(command.reservation_id()));
  if (known != nullptr && !command.top_up()) return draft.finish();
  // A top-up keeps the place in the queue that the reservation has.
  schema::ReservationT entry = known == nullptr ? new_entry(item, command, context) : *known;
  entry.released_total = std::max(entry.released_total, heard_total(command, context));
  std::int64_t wanted = milli(command.quantity());
  // Recorded from the past on several partitions, the goods may be heard to have left before the
  // order is heard to have asked for them: that much is done (ADR 10).
  if (const auto ahead = item.issued_ahead.find(entry.reservation_id);
      ahead != item.issued_ahead.end() && is_tolerant(context)) {
    const std::int64_t done = std::min(wanted, ahead->second.milli);
    issued_before(draft, entry.reservation_id, done);
    draft.emit_plain(about<schema::ReservationIssuedBeforeT>(entry, done));
    wanted -= done;
    if (wanted == 0) return finished(std::move(draft));
  }
  if (known == nullptr &&
      item.ledger.size() >= static_cast<std::size_t>(context.policy.stock.reservations_max)) {
    if (is_tolerant(context)) return refuse(std::move(draft), entry, wanted, 0);
    return reject(RejectionCode::LimitExceeded, "too many open reservations on this stock item");
  }
  const auto* hold = item.holds.find(text(command.hold_id()));
  const std::string_view hold_id = hold == nullptr ? std::string_view() : hold->hold_id;
  std::int64_t can = claimable(item, rank_of(entry)) + (hold == nullptr ? 0 : hold->milli);
  if (ORDERLOG_PLANTED(OffByOneInReserve) && can < wanted) ++can;
  const std::int64_t taken = std::min(can, wanted);
  const bool backorder = command.backorder() == schema::BackorderPolicy::Always ||
                         context.authority == schema::Authority::Import;
  const bool partly = backorder || command.policy() == schema::ReservePolicy::Partial;
  if (taken < wanted && !(backorder || (partly && taken > 0))) {
    return refuse(std::move(draft), entry, wanted, can);
  }
  if (taken > 0) reserved(draft, entry, taken, hold_id);
  if (taken == wanted) {
    draft.emit(about_new<schema::StockReservedT>(entry, taken, hold_id));
  } else if (taken > 0) {
    auto event = about_new<schema::StockPartiallyReservedT>(entry, taken, hold_id);
    event.short_ = Quantity(wanted - taken);
    draft.emit(std::move(event));
  }
  if (taken < wanted && backorder) {
    backorder_opened(draft, entry, wanted - taken);
    auto event = about<schema::BackorderOpenedT>(entry, wanted - taken);
    event.priority = entry.priority;
    event.promised_date = entry.promised_date;
    draft.emit(std::move(event));
  }
  return finished(std::move(draft));
}

// What only waits goes first, because nothing has to be put back for it. What is picked goes only
// on the engine's word: a client has to have it put back before.
StockDecision release(const StockItem& item, const schema::ReleaseStock& command,
                      const Context& context) {
  if (milli(command.quantity()) < 0) {
    return reject(RejectionCode::InvalidArgument, "the quantity is below zero", "/quantity");
  }
  const std::string_view id = text(command.reservation_id());
  StockDraft draft(item);
  const auto* found = item.ledger.find(id);
  if (found == nullptr) {
    if (is_tolerant(context)) return draft.finish();
    return no_reservation(id);
  }
  schema::ReservationT entry = *found;
  entry.released_total = std::max(entry.released_total, heard_total(command, context));
  heard_of_release(draft, id, entry.released_total);
  const std::int64_t firm = entry.reserved + (is_tolerant(context) ? entry.picked : 0);
  const std::int64_t left = entry.backordered + firm;
  const std::int64_t wanted = milli(command.quantity()) == 0 ? left : milli(command.quantity());
  if (!is_tolerant(context) && (left == 0 || wanted > left)) {
    return only_left(left, "are neither picked nor gone");
  }
  const std::int64_t waiting = std::min(entry.backordered, wanted);
  const std::int64_t freed = std::min(firm, wanted - waiting);
  if (waiting > 0) {
    backorder_cancelled(draft, id, waiting);
    auto event = about<schema::BackorderCancelledT>(entry, waiting);
    event.reason = text(command.reason());
    draft.emit(std::move(event));
  }
  if (freed > 0) {
    released(draft, id, freed);
    auto event = about<schema::StockReleasedT>(entry, freed);
    event.reason = text(command.reason());
    draft.emit(std::move(event));
  }
  return finished(std::move(draft));
}

StockDecision pick(const StockItem& item, const schema::PickStock& command,
                   const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  const std::string_view id = text(command.reservation_id());
  const auto* found = item.ledger.find(id);
  const std::int64_t left = found == nullptr ? 0 : found->reserved;
  if (!is_tolerant(context)) {
    if (found == nullptr) return no_reservation(id);
    if (milli(command.quantity()) > left) return only_left(left, "are reserved and not picked");
  }
  StockDraft draft(item);
  const std::int64_t quantity = std::min(milli(command.quantity()), left);
  if (quantity == 0) return draft.finish();
  auto event = about<schema::StockPickedT>(*found, quantity);
  event.shipment_id = text(command.shipment_id());
  picked(draft, id, quantity);
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision unpick(const StockItem& item, const schema::UnpickStock& command,
                     const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  const std::string_view id = text(command.reservation_id());
  const auto* found = item.ledger.find(id);
  const std::int64_t left = found == nullptr ? 0 : found->picked;
  if (!is_tolerant(context)) {
    if (found == nullptr) return no_reservation(id);
    if (milli(command.quantity()) > left) return only_left(left, "are picked");
  }
  StockDraft draft(item);
  const std::int64_t quantity = std::min(milli(command.quantity()), left);
  if (quantity == 0) return draft.finish();
  auto event = about<schema::StockUnpickedT>(*found, quantity);
  event.shipment_id = text(command.shipment_id());
  unpicked(draft, id, quantity);
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

namespace {

// How much of an issue is taken: a client's must be covered, the engine's goes as far as the
// reservation ever went (its backorder included, for the goods have left), the past is taken whole.
std::int64_t accepted_issue(std::int64_t wanted, const schema::ReservationT& entry,
                            const Context& context) {
  if (context.authority == schema::Authority::Import) return wanted;
  return std::min(wanted, entry.picked + entry.reserved + entry.backordered);
}

// What will be promised beyond what is there once the goods have gone.
std::int64_t missing_after_issue(const StockTotals& totals, std::int64_t quantity,
                                 std::int64_t from_entry) {
  const std::int64_t on_hand = std::max<std::int64_t>(totals.on_hand - quantity, 0);
  return std::min(totals.damaged, on_hand) + totals.reserved - from_entry + totals.soft_held -
         on_hand;
}

}  // namespace

StockDecision issue(const StockItem& item, const schema::IssueStock& command,
                    const Context& context) {
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  const std::string_view id = text(command.reservation_id());
  const auto* found = item.ledger.find(id);
  schema::ReservationT entry;
  entry.reservation_id = id;
  if (found != nullptr) entry = *found;
  const std::int64_t firm = entry.picked + entry.reserved;
  if (!is_tolerant(context)) {
    if (found == nullptr) return no_reservation(id);
    if (milli(command.quantity()) > firm) return only_left(firm, "are reserved or picked");
  }
  StockDraft draft(item);
  const std::int64_t quantity = accepted_issue(milli(command.quantity()), entry, context);
  if (quantity == 0) return draft.finish();
  if (auto no = check_room(item.totals, quantity)) return Rejected{*no};
  const std::int64_t unreserved = std::max<std::int64_t>(quantity - firm, 0);
  const std::int64_t missing = missing_after_issue(item.totals, quantity, quantity - unreserved);
  if (missing > 0 && !break_newest(draft, missing, id)) return too_many_breaks();
  issued(draft, id, quantity, unreserved);
  auto event = about<schema::StockIssuedT>(entry, quantity);
  event.unreserved = Quantity(unreserved);
  event.shipment_id = text(command.shipment_id());
  draft.emit(std::move(event));
  // The goods are on their way, nobody waits for them any more.
  if (const std::int64_t waiting = std::min(unreserved, entry.backordered); waiting > 0) {
    backorder_cancelled(draft, id, waiting);
    auto cancelled = about<schema::BackorderCancelledT>(entry, waiting);
    cancelled.reason = "issued";
    draft.emit(std::move(cancelled));
  }
  return finished(std::move(draft));
}

}  // namespace orderlog::engine::stock
