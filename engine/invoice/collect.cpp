// What follows when an invoice is not paid: overdue, reminders, disputes. Must hold: 1. overdue is
// a matter of dates in the company's zone, said once for each due date that passes unpaid; 2. a
// disputed invoice is not dunned. Rules: domain.md 3.12, 4.18, 4.19.
#include <algorithm>
#include <string>

#include "engine/invoice/balance.h"
#include "engine/invoice/decisions.h"
#include "events/base/calendar.h"

namespace orderlog::engine {

namespace invoice {

namespace {

// The next entry of `due` that would be overdue and has not been said to be.
std::size_t next_step(const schema::InvoiceStateT& state) {
  return std::max<std::size_t>(first_open_step(state), state.overdue_steps);
}

bool is_owed(const schema::InvoiceStateT& state) {
  return state.stage == schema::InvoiceStage::Issued && open_minor(state) > 0;
}

}  // namespace

std::size_t first_open_step(const schema::InvoiceStateT& state) {
  std::int64_t covered = settled_minor(state);
  std::size_t step = 0;
  for (; step < state.due.size(); ++step) {
    covered -= state.due[step]->amount.minor();
    if (covered < 0) break;
  }
  return step;
}

InvoiceDecision dispute(const schema::InvoiceStateT& state, const schema::RaiseDispute& command) {
  if (state.stage != schema::InvoiceStage::Issued) {
    return reject(RejectionCode::InvalidTransition,
                  std::string("the invoice is ") + schema::EnumNameInvoiceStage(state.stage));
  }
  if (state.disputed) {
    return reject(RejectionCode::InvalidTransition, "the invoice is already disputed");
  }
  schema::InvoiceDisputedT disputed;
  disputed.reason = flatbuffers::GetString(command.reason());
  disputed.customer_id = state.customer_id;
  disputed.balance = Money(open_minor(state), currency_of(state));
  InvoiceDecision decision;
  decision.add(std::move(disputed));
  return decision;
}

InvoiceDecision resolve_dispute(const schema::InvoiceStateT& state,
                                const schema::ResolveDispute& command) {
  if (!state.disputed) {
    return reject(RejectionCode::InvalidTransition, "the invoice is not disputed");
  }
  schema::DisputeResolvedT resolved;
  resolved.note = flatbuffers::GetString(command.note());
  resolved.customer_id = state.customer_id;
  resolved.balance = Money(open_minor(state), currency_of(state));
  InvoiceDecision decision;
  decision.add(std::move(resolved));
  return decision;
}

InvoiceDecision remind(const schema::InvoiceStateT& state, const schema::SendReminder& command,
                       const Context& context) {
  if (!is_owed(state)) {
    return reject(RejectionCode::InvalidTransition, "the invoice has no open balance");
  }
  if (state.disputed) {
    return reject(RejectionCode::InvalidTransition, "a disputed invoice is not dunned");
  }
  const std::uint32_t next = state.reminder_level + 1;
  if (command.level() != 0 && command.level() != next) {
    return reject(RejectionCode::InvalidArgument,
                  "the next reminder is of level " + std::to_string(next), "/level");
  }
  const auto today = local_day(context.occurred_at, context.policy.time_zone);
  if (!today) return Rejected{rejection_of(today.error())};
  const std::size_t step = first_open_step(state);
  const bool overdue = step < state.due.size() && *today > state.due[step]->due_date;
  if (!overdue && context.authority == schema::Authority::Normal) {
    return reject(RejectionCode::InvalidTransition, "nothing of the invoice is overdue");
  }
  schema::InvoiceReminderSentT sent;
  sent.level = next;
  sent.customer_id = state.customer_id;
  sent.balance = Money(open_minor(state), currency_of(state));
  sent.order_id = state.order_id;
  InvoiceDecision decision;
  decision.add(std::move(sent));
  return decision;
}

InvoiceDecision check_due(const schema::InvoiceStateT& state, const Context& context) {
  if (!is_owed(state)) return {};
  const auto today = local_day(context.occurred_at, context.policy.time_zone);
  if (!today) return Rejected{rejection_of(today.error())};
  InvoiceDecision decision;
  for (std::size_t step = next_step(state); step < state.due.size(); ++step) {
    if (*today <= state.due[step]->due_date) break;
    schema::InvoiceOverdueT overdue;
    overdue.balance = Money(open_minor(state), currency_of(state));
    overdue.due_date = state.due[step]->due_date;
    overdue.customer_id = state.customer_id;
    overdue.order_id = state.order_id;
    decision.add(std::move(overdue));
  }
  return decision;
}

}  // namespace invoice

std::optional<TimestampUs> next_deadline(const schema::InvoiceStateT& state, const Policy& policy) {
  if (!invoice::is_owed(state)) return std::nullopt;
  const std::size_t step = invoice::next_step(state);
  if (step >= state.due.size()) return std::nullopt;
  const auto start = day_start(state.due[step]->due_date + 1, policy.time_zone);
  if (!start) return std::nullopt;
  return *start;
}

}  // namespace orderlog::engine
