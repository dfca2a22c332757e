// The answers of the checks that run after submission: credit, duplicate, external reference,
// stock, approval (domain.md 3.6, 4.7, 4.8, 4.17). All come from the engine and may come late or
// twice: an answer that nobody waits for changes nothing, and what it holds elsewhere is given
// back.
#include <algorithm>

#include "engine/order/decide.h"
#include "engine/order/progress.h"
#include "engine/order/schedule.h"

namespace orderlog::engine::order {

namespace {

using schema::CheckKind;
using schema::HoldReason;
using schema::OrderLifecycle;

void reject_order(Working& working, std::string reason) {
  schema::OrderRejectedT event;
  event.reason = std::move(reason);
  event.customer_id = working.header().customer_id;
  event.approval_id = working.approval_pending ? working.order.approval_id : std::string();
  event.credit_reserved = working.order.credit_reserved;
  event.external_reference = working.header().external_reference;
  working.lifecycle = OrderLifecycle::Rejected;
  working.add(std::move(event));
}

void record_duplicate(Working& working, const std::string& duplicate_of) {
  if (duplicate_of.empty() || working.has_passed(CheckKind::Duplicate)) return;
  const std::string detail = "same lines and total as order " + duplicate_of;
  working.check_failed(CheckKind::Duplicate, 0, detail);
  working.hold(HoldReason::DuplicateSuspected, detail);
}

void give_back(const Working& working, const Money& amount, OrderDecision& decision) {
  schema::ReleaseCreditT release;
  release.customer_id = working.header().customer_id;
  release.order_id = working.context.aggregate_id;
  release.amount = amount;
  decision.replies().send(std::move(release));
}

// What the order still needs of it stays; the rest, for what was cancelled or has left since it was
// asked for, goes back.
Money keep_of(Working& working, const Money& granted) {
  const bool open = std::any_of(working.lines.begin(), working.lines.end(),
                                [](const LineLook& line) { return open_of(line) > 0; });
  const std::int64_t missing = std::max<std::int64_t>(
      0, working.base_total - working.order.exposed_base - working.credit_left);
  const std::int64_t kept = open ? std::min(granted.minor(), missing) : 0;
  if (kept < granted.minor()) {
    give_back(working, Money(granted.minor() - kept, granted.currency()), working.decision);
  }
  working.credit_left += kept;
  return Money(kept, granted.currency());
}

void credit_granted(Working& working, const schema::RecordCreditOutcome& command,
                    const Money& kept) {
  const std::string duplicate_of = text_of(command.duplicate_of());
  schema::OrderCheckPassedT event;
  event.credit = kept;
  event.grade = command.grade();
  event.new_customer = command.new_customer();
  if (!working.has_passed(CheckKind::Price) && !working.held(HoldReason::Price)) {
    event.kinds.push_back(CheckKind::Price);
  }
  event.kinds.push_back(CheckKind::Credit);
  if (duplicate_of.empty() && !working.has_passed(CheckKind::Duplicate)) {
    event.kinds.push_back(CheckKind::Duplicate);
  }
  for (const CheckKind kind : event.kinds) working.passed |= bit(kind);
  working.add(std::move(event));
  record_duplicate(working, duplicate_of);
}

// Money that came before the answer is as good as a prepayment asked for.
bool paid_already(const Working& working) {
  return working.order.prepaid_total >= working.order.totals->total.minor();
}

void release_paid(Working& working) {
  schema::OrderHoldReleasedT event;
  event.reason = HoldReason::Payment;
  event.note = "paid in advance";
  event.customer_id = working.header().customer_id;
  event.credit =
      std::make_unique<schema::CreditRequestT>(credit_request(working.order, working.context));
  event.credit->prepaid = true;
  working.holds &= ~bit(HoldReason::Payment);
  working.add(std::move(event));
}

void credit_refused(Working& working, const schema::RecordCreditOutcome& command) {
  std::string detail = text_of(command.reason());
  if (command.limit() != nullptr && command.exposure() != nullptr) {
    detail += " (exposure " + to_string(*command.exposure()) + ", limit " +
              to_string(*command.limit()) + ")";
  }
  const bool told = working.held(HoldReason::Payment) &&
                    working.order.prepayment_due >= working.order.totals->total.minor();
  if (command.prepayment_needed() && told) return;
  schema::OrderCheckFailedT event;
  event.kind = CheckKind::Credit;
  event.detail = detail;
  event.grade = command.grade();
  event.new_customer = command.new_customer();
  working.add(std::move(event));
  if (!command.prepayment_needed()) {
    working.hold(HoldReason::Credit, std::move(detail));
    return;
  }
  // A part paid in advance by the terms becomes the whole.
  schema::OrderHeldT held;
  held.reason = HoldReason::Payment;
  held.detail = "cash in advance: " + detail;
  held.amount = working.order.totals->total;
  if (working.holds == 0) held.shipment_ids = working.waiting_shipments();
  working.holds |= bit(HoldReason::Payment);
  working.add(std::move(held));
  if (paid_already(working)) release_paid(working);
}

// An account of an earlier version does not say how much: then it is what was missing.
Money granted_amount(const Working& working, const schema::RecordCreditOutcome& command) {
  if (is_stated(command.amount())) return *command.amount();
  const std::int64_t missing =
      working.base_total - working.order.exposed_base - working.credit_left;
  return Money(std::max<std::int64_t>(0, missing), working.context.policy.base_currency);
}

bool is_over(OrderLifecycle lifecycle) {
  return lifecycle == OrderLifecycle::Rejected || lifecycle == OrderLifecycle::Cancelled ||
         lifecycle == OrderLifecycle::ShortClosed || lifecycle == OrderLifecycle::Completed;
}

}  // namespace

OrderDecision decide_credit(const State& order, const schema::RecordCreditOutcome& command,
                            const Context& context) {
  Working working(order, context);
  if (order.lifecycle != OrderLifecycle::Submitted && !is_committed(order.lifecycle)) {
    if (is_over(order.lifecycle) && command.granted()) {
      give_back(working, granted_amount(working, command), working.decision);
    }
    return std::move(working.decision);
  }
  const bool waited_for = !working.has_passed(CheckKind::Credit) ||
                          order.totals->base_total.minor() > order.exposed_base + order.credit_left;
  if (command.granted()) {
    // What is imported was counted with its submission.
    if (working.imported() && !waited_for) return {};
    const Money kept = keep_of(working, granted_amount(working, command));
    if (!waited_for) return std::move(working.decision);
    credit_granted(working, command, kept);
  } else {
    // History stays; a check of an order that is reopened or amended may still stop it.
    if (working.imported() || working.held(HoldReason::Credit)) return {};
    credit_refused(working, command);
    record_duplicate(working, text_of(command.duplicate_of()));
  }
  progress(working);
  return std::move(working.decision);
}

OrderDecision decide_reference(const State& order, const schema::RecordReferenceOutcome& command,
                               const Context& context) {
  Working working(order, context);
  if (command.claimed()) {
    if (order.lifecycle != OrderLifecycle::Submitted || working.has_passed(CheckKind::Reference)) {
      return {};
    }
    schema::OrderCheckPassedT event;
    event.kinds = {CheckKind::Reference};
    working.passed |= bit(CheckKind::Reference);
    working.add(std::move(event));
    progress(working);
    return std::move(working.decision);
  }
  const std::string detail = "the external reference " +
                             quote_input(order.header ? order.header->external_reference : "") +
                             " belongs to order " + text_of(command.existing_order_id());
  if (order.lifecycle == OrderLifecycle::Submitted) {
    working.check_failed(CheckKind::Reference, 0, detail);
    reject_order(working, detail);
  } else if (is_committed(order.lifecycle) && working.imported()) {
    // It has happened twice, it seems: flagged, not undone.
    working.check_failed(CheckKind::Reference, 0, detail);
  }
  return std::move(working.decision);
}

OrderDecision decide_availability(const State& order, const schema::RecordAvailability& command,
                                  const Context& context) {
  if (order.lifecycle != OrderLifecycle::Submitted) return {};
  Working working(order, context);
  LineLook* line = working.line(command.line());
  if (line == nullptr || line->stock_checked) return {};
  const std::int64_t available = milli_of(command.available());
  const bool never = order.header->backorder == schema::BackorderWish::Never;
  const auto needed = day_of(line->state->terms->material_date);
  auto earliest = day_of(command.earliest_date());
  // Who does not wait must be served from what is there; others from what comes in time.
  const bool in_time = !never && earliest && needed && *earliest <= *needed;
  const bool short_of = available < live_of(*line) && !in_time;
  if (short_of && !earliest) {
    // Nothing is expected: what it takes to order more (domain.md 4.9).
    const auto start = first_start(context.occurred_at, context.policy);
    const auto replenished =
        add_working_days(context.policy.site_calendar, start.value_or(utc_day(context.occurred_at)),
                         context.policy.promise.replenishment_days);
    if (replenished) earliest = *replenished;
  }
  if (short_of && never) {
    schema::OrderCheckFailedT event;
    event.kind = CheckKind::Stock;
    event.line = line->line;
    event.available = Quantity(available);
    event.earliest_date = stored_day(earliest);
    event.detail = quantity_to_text(Quantity(available)) + " of " +
                   quantity_to_text(Quantity(live_of(*line))) + " available";
    std::string detail = "line " + std::to_string(line->line) + ": " + event.detail;
    working.add(std::move(event));
    working.hold(HoldReason::Stock, std::move(detail));
    return std::move(working.decision);
  }
  schema::OrderCheckPassedT event;
  event.kinds = {CheckKind::Stock};
  event.line = line->line;
  if (short_of) event.earliest_date = stored_day(earliest);
  line->stock_checked = true;
  if (short_of) line->available_from = earliest;
  working.add(std::move(event));
  progress(working);
  return std::move(working.decision);
}

OrderDecision decide_approval(const State& order, const schema::RecordOrderApproval& command,
                              const Context& context) {
  const bool current =
      order.approval_pending && text_of(command.approval_id()) == order.approval_id;
  if (!current || !is_alive(order.lifecycle)) return {};
  Working working(order, context);
  if (order.lifecycle == OrderLifecycle::Submitted) {
    if (command.granted()) {
      approve(working, order.approval_id);
      progress(working);
    } else {
      working.approval_pending = false;
      reject_order(working, "approval refused: " + text_of(command.reason()));
    }
    return std::move(working.decision);
  }
  // An amendment: the order is under way, so a refusal stops it until somebody decides.
  working.approval_pending = false;
  if (command.granted()) {
    schema::OrderHoldReleasedT event;
    event.reason = HoldReason::Approval;
    event.note = "approved";
    event.customer_id = working.header().customer_id;
    working.holds &= ~bit(HoldReason::Approval);
    if (working.holds == 0) event.shipment_ids = working.waiting_shipments();
    working.add(std::move(event));
    progress(working);
  } else {
    schema::OrderHeldT event;
    event.reason = HoldReason::Approval;
    event.detail = "approval refused: " + text_of(command.reason());
    working.add(std::move(event));
  }
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
