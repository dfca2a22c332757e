// Backorders' promises and ranks, and the goods that are expected (domain.md 3.8, 3.9).
#include "engine/stock/rules.h"

namespace orderlog::engine::stock {

namespace {

// The reservation if something of it waits.
const schema::ReservationT* waiting(const StockItem& item, const flatbuffers::String* id) {
  const auto* entry = item.ledger.find(text(id));
  return entry == nullptr || entry->backordered == 0 ? nullptr : entry;
}

Rejected no_backorder(const flatbuffers::String* id) {
  return reject(RejectionCode::NotFound, "nothing is backordered under " + std::string(text(id)),
                "/reservation_id");
}

Rejected not_expected(std::string_view id) {
  return reject(RejectionCode::NotFound, "nothing is expected under " + std::string(id),
                "/expectation_id");
}

}  // namespace

StockDecision promise(const StockItem& item, const schema::PromiseBackorder& command,
                      const Context& context) {
  if (auto no = check_date(command.date(), context, "/date")) return Rejected{*no};
  StockDraft draft(item);
  const auto* entry = waiting(item, command.reservation_id());
  if (entry == nullptr) {
    if (is_tolerant(context)) return draft.finish();
    return no_backorder(command.reservation_id());
  }
  if (entry->promised_date == command.date()) return draft.finish();
  schema::BackorderPromisedT event;
  event.reservation_id = entry->reservation_id;
  event.order_id = entry->order_id;
  event.line = entry->line;
  event.date = command.date();
  event.old_date = entry->promised_date;
  event.released_total = entry->released_total;
  draft.change(event.reservation_id,
               [&](schema::ReservationT& changed) { changed.promised_date = command.date(); });
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision reprioritise(const StockItem& item, const schema::ReprioritiseBackorder& command,
                           const Context& context) {
  StockDraft draft(item);
  const auto* entry = waiting(item, command.reservation_id());
  if (entry == nullptr) {
    if (is_tolerant(context)) return draft.finish();
    return no_backorder(command.reservation_id());
  }
  if (entry->priority == command.priority()) return draft.finish();
  schema::BackorderReprioritisedT event;
  event.reservation_id = entry->reservation_id;
  event.order_id = entry->order_id;
  event.line = entry->line;
  event.from = entry->priority;
  event.to = command.priority();
  draft.change(event.reservation_id,
               [&](schema::ReservationT& changed) { changed.priority = command.priority(); });
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision expect(const StockItem& item, const schema::ExpectStock& command,
                     const Context& context) {
  if (auto no = check_id(command.expectation_id(), "/expectation_id")) return Rejected{*no};
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  if (auto no = check_date(command.date(), context, "/date")) return Rejected{*no};
  const std::string_view id = text(command.expectation_id());
  const std::int64_t quantity = milli(command.quantity());
  StockDraft draft(item);
  if (const auto found = item.incoming.find(id); found != item.incoming.end()) {
    if (found->second.milli == quantity && found->second.date == command.date()) {
      return draft.finish();
    }
    return reject(RejectionCode::AlreadyExists, std::string(id) + " is expected already",
                  "/expectation_id");
  }
  if (item.incoming.size() >= expectations_max) {
    return reject(RejectionCode::LimitExceeded, "too many expected deliveries on this stock item");
  }
  if (item.totals.incoming + quantity > stock_milli_max) {
    return reject(RejectionCode::Overflow, "more stock than the books can hold", "/quantity");
  }
  schema::IncomingT incoming;
  incoming.expectation_id = id;
  incoming.milli = quantity;
  incoming.date = command.date();
  expected(draft, incoming);
  schema::IncomingStockExpectedT event;
  event.expectation_id = id;
  event.quantity = Quantity(quantity);
  event.date = command.date();
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision reschedule(const StockItem& item, const schema::RescheduleIncoming& command,
                         const Context& context) {
  if (auto no = check_date(command.date(), context, "/date")) return Rejected{*no};
  const std::string_view id = text(command.expectation_id());
  const auto found = item.incoming.find(id);
  if (found == item.incoming.end()) return not_expected(id);
  StockDraft draft(item);
  if (found->second.date == command.date()) return draft.finish();
  schema::IncomingStockRescheduledT event;
  event.expectation_id = id;
  event.old_date = found->second.date;
  event.new_date = command.date();
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

StockDecision cancel_incoming(const StockItem& item, const schema::CancelIncoming& command,
                              const Context&) {
  const std::string_view id = text(command.expectation_id());
  const auto found = item.incoming.find(id);
  if (found == item.incoming.end()) return not_expected(id);
  StockDraft draft(item);
  schema::IncomingStockCancelledT event;
  event.expectation_id = id;
  event.quantity = Quantity(found->second.milli);
  incoming_cancelled(draft, id);
  draft.emit(std::move(event));
  return finished(std::move(draft));
}

}  // namespace orderlog::engine::stock
