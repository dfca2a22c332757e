#include "engine/stock/rules.h"

#include "events/base/calendar.h"

namespace orderlog::engine::stock {

namespace {

Rejection invalid(std::string detail, const char* pointer) {
  return Rejection{RejectionCode::InvalidArgument, pointer, std::move(detail)};
}

// The breaks of one command, counted.
class Breaker {
 public:
  Breaker(StockDraft& draft, std::int64_t milli) : draft_(draft), missing_(milli) {}

  bool is_done() const { return missing_ <= 0; }
  bool may_go_on() const { return breaks_ < breaks_per_command_max; }

  void end_hold(const std::string& hold_id) {
    schema::StockHoldReleasedT event;
    event.hold_id = hold_id;
    event.quantity = Quantity(draft_.drop_hold(hold_id));
    hold_ended(draft_, hold_id);
    missing_ -= event.quantity.milli();
    ++breaks_;
    draft_.emit(std::move(event));
  }
  void break_entry(const schema::ReservationT& entry, std::int64_t firm) {
    if (firm == 0) return;
    const std::int64_t quantity = std::min(firm, missing_);
    auto event = about<schema::ReservationBrokenT>(entry, quantity);
    const std::string id = entry.reservation_id;
    broken(draft_, id, quantity);
    missing_ -= quantity;
    ++breaks_;
    draft_.emit(std::move(event));
  }

 private:
  StockDraft& draft_;
  std::int64_t missing_;
  int breaks_ = 0;
};

}  // namespace

std::string_view text(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : string->string_view();
}

Day today(const Context& context) {
  const auto day = local_day(context.occurred_at, context.policy.site_calendar.zone);
  return day.ok() ? *day : utc_day(context.occurred_at);
}

Check check_quantity(const Quantity* quantity, const Context& context, const char* pointer) {
  if (quantity == nullptr || quantity->milli() <= 0) {
    return invalid("the quantity must be above zero", pointer);
  }
  if (quantity->milli() > context.policy.order.quantity_milli_max) {
    return Rejection{RejectionCode::LimitExceeded, pointer, "the quantity is above the limit"};
  }
  return std::nullopt;
}

Check check_id(const flatbuffers::String* id, const char* pointer) {
  if (id == nullptr || id->size() == 0) return invalid("the id is empty", pointer);
  return std::nullopt;
}

Check check_date(Day date, const Context& context, const char* pointer) {
  if (date < day_min || date > day_max) return invalid("there is no such day", pointer);
  if (context.authority == schema::Authority::Normal && date < today(context)) {
    return invalid(day_to_text(date) + " has passed", pointer);
  }
  return std::nullopt;
}

Check check_room(const StockTotals& totals, std::int64_t milli) {
  if (totals.on_hand + milli > stock_milli_max || totals.received > received_milli_max - milli) {
    return Rejection{RejectionCode::Overflow, "/quantity", "more stock than the books can hold"};
  }
  return std::nullopt;
}

Rejected no_reservation(std::string_view id) {
  return reject(RejectionCode::NotFound, "no open reservation " + std::string(id),
                "/reservation_id");
}

Rejected too_many_breaks() {
  return reject(RejectionCode::LimitExceeded,
                "this would break more than " + std::to_string(breaks_per_command_max) +
                    " reservations and holds at once: correct the stock in smaller steps");
}

void fill_backorders(StockDraft& draft) {
  for (int fills = 0; fills < fills_per_command_max; ++fills) {
    const std::int64_t free = draft.totals().available();
    const schema::ReservationT* first = free > 0 ? draft.first_waiting() : nullptr;
    if (first == nullptr) return;
    const std::int64_t quantity = std::min(free, first->backordered);
    const std::int64_t rest = first->backordered - quantity;
    const schema::ReservationT entry = *first;
    filled(draft, entry.reservation_id, quantity);
    if (rest == 0) {
      draft.emit(about<schema::BackorderFilledT>(entry, quantity));
    } else {
      auto event = about<schema::BackorderPartiallyFilledT>(entry, quantity);
      event.rest = Quantity(rest);
      draft.emit(std::move(event));
    }
  }
}

bool break_newest(StockDraft& draft, std::int64_t milli, std::string_view spared) {
  Breaker breaker(draft, milli);
  const auto& holds = draft.item().holds.by_end();
  for (auto hold = holds.rbegin(); hold != holds.rend() && !breaker.is_done(); ++hold) {
    if (!breaker.may_go_on()) return false;
    breaker.end_hold(hold->second);
  }
  const auto& entries = draft.item().ledger.by_age();
  for (const bool picked_too : {false, true}) {
    for (auto at = entries.rbegin(); at != entries.rend() && !breaker.is_done(); ++at) {
      if (at->reservation_id == spared) continue;
      if (!breaker.may_go_on()) return false;
      const schema::ReservationT& entry = draft.now(*at);
      breaker.break_entry(entry, picked_too ? entry.picked : entry.reserved);
    }
  }
  return breaker.is_done();
}

// The walk ends as soon as those who wait want all there is; a queue that still goes on after as
// many as one command can fill is taken to want the rest.
std::int64_t claimable(const StockItem& item, const BackorderRank& rank) {
  std::int64_t rest = item.totals.available();
  int seen = 0;
  for (const BackorderRank& waiting : item.ledger.queue()) {
    if (rest <= 0 || rank < waiting) break;
    if (++seen > fills_per_command_max) return 0;
    rest -= item.ledger.opened_as(waiting.opened_order)->backordered;
  }
  return std::max<std::int64_t>(rest, 0);
}

StockDecision finished(StockDraft draft) {
  if (draft.has_events()) fill_backorders(draft);
  return draft.finish();
}

}  // namespace orderlog::engine::stock
