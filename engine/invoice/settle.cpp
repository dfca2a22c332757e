// What makes an invoice's balance move: payments, credit notes, write-offs. Must hold: 1. nothing
// takes more than is open; 2. an allocation and a credit note count once; 3. what is credited
// beyond the open balance goes back to the customer, and is never more than was paid; 4.
// InvoicePaid each time the balance comes down to zero, once. Rules:
// domain.md 3.12, 3.13, 4.4, 4.18, 4.20.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/invoice/balance.h"
#include "engine/invoice/decisions.h"
#include "engine/pricing/pricing.h"
#include "events/base/calendar.h"
#include "events/base/money.h"

namespace orderlog::engine::invoice {

namespace {

bool may_write_off(const Context& context) {
  return context.authority != schema::Authority::Normal || context.role == schema::Role::Finance ||
         context.role == schema::Role::Director || context.role == schema::Role::Admin;
}

Money in_base(const schema::InvoiceStateT& state, std::int64_t minor) {
  return Money(minor, state.content->base_total.currency());
}

// The lines of a credit note are lines of the invoice, each with at most its quantity.
std::optional<Rejection> check_lines(const schema::InvoiceStateT& state,
                                     const schema::IssueCreditNote& command) {
  if (!command.lines()) return std::nullopt;
  for (flatbuffers::uoffset_t i = 0; i < command.lines()->size(); ++i) {
    const auto& wanted = *command.lines()->Get(i);
    const std::int64_t milli = wanted.quantity() ? wanted.quantity()->milli() : 0;
    std::int64_t invoiced = 0;
    for (const auto& share : state.content->lines) {
      if (share->line == wanted.line()) invoiced += share->quantity.milli();
    }
    if (milli <= 0 || milli > invoiced) {
      return Rejection{RejectionCode::InvalidArgument, "/lines/" + std::to_string(i),
                       "the invoice has " + std::to_string(invoiced) + " thousandths on line " +
                           std::to_string(wanted.line())};
    }
  }
  return std::nullopt;
}

std::vector<std::unique_ptr<schema::ShippedQuantityT>> copy_lines(
    const schema::IssueCreditNote& command) {
  std::vector<std::unique_ptr<schema::ShippedQuantityT>> lines;
  if (!command.lines()) return lines;
  for (const auto* line : *command.lines()) {
    lines.emplace_back(line->UnPack());
  }
  return lines;
}

schema::InvoiceWrittenOffT written_off(const schema::InvoiceStateT& state, std::int64_t minor,
                                       std::int64_t base_minor, std::string reason) {
  schema::InvoiceWrittenOffT event;
  event.amount = Money(minor, currency_of(state));
  event.base_amount = in_base(state, base_minor);
  event.reason = std::move(reason);
  event.order_id = state.order_id;
  event.customer_id = state.customer_id;
  return event;
}

InvoiceDecision refuse(const schema::ApplyPayment& command, std::string reason) {
  schema::InvoicePaymentRefusedT refused;
  refused.payment_id = flatbuffers::GetString(command.payment_id());
  refused.allocation_id = flatbuffers::GetString(command.allocation_id());
  refused.amount = *command.amount();
  refused.reason = std::move(reason);
  InvoiceDecision decision;
  decision.add(std::move(refused));
  return decision;
}

auto find_allocation(const schema::InvoiceStateT& state, std::string_view allocation_id) {
  return std::find_if(state.allocations.begin(), state.allocations.end(),
                      [&](const auto& known) { return known->allocation_id == allocation_id; });
}

// What `paid` was worth on the day it arrived above the part of the invoice that it settles, in the
// base currency (domain.md 4.4); zero when no rate was given.
Result<Money> exchange_gain(const schema::InvoiceStateT& state, const schema::ApplyPayment& command,
                            const Money& paid, const Policy& policy) {
  const Money base = in_base(state, base_moved_minor(state, settled_minor(state) + paid.minor()));
  const auto* rate = command.exchange_rate();
  if (rate == nullptr || paid.currency() == base.currency()) return Money(0, base.currency());
  const auto worth = convert(paid, rate->mantissa(), rate->scale(), base.currency(),
                             policy.rounding_of(base.currency()));
  if (!worth) return worth.error();
  return subtract(*worth, base);
}

schema::ExchangeDifferenceRecordedT exchange_difference(const schema::InvoiceStateT& state,
                                                        std::string payment_id,
                                                        std::string allocation_id, Money gain) {
  schema::ExchangeDifferenceRecordedT event;
  event.payment_id = std::move(payment_id);
  event.allocation_id = std::move(allocation_id);
  event.gain = gain;
  event.order_id = state.order_id;
  event.customer_id = state.customer_id;
  return event;
}

// Why an invoice takes no payment at all; empty if it does.
std::string refusal_of(const schema::InvoiceStateT& state, const Money& offered) {
  if (state.stage == schema::InvoiceStage::None) return "no such invoice";
  if (state.stage != schema::InvoiceStage::Issued) {
    return std::string("the invoice is ") + schema::EnumNameInvoiceStage(state.stage);
  }
  if (offered.currency() != currency_of(state)) {
    return "the invoice is not in the payment's currency";
  }
  if (offered.minor() <= 0) return "nothing was offered";
  if (open_minor(state) == 0) return "the invoice is paid";
  if (state.allocations.size() >= allocations_max) {
    return "the invoice has " + std::to_string(allocations_max) + " payments, its limit";
  }
  return {};
}

}  // namespace

schema::InvoicePaidT paid_event(const schema::InvoiceStateT& state, Day today) {
  schema::InvoicePaidT paid;
  paid.order_id = state.order_id;
  paid.customer_id = state.customer_id;
  paid.total = state.content->total;
  const std::size_t step = first_open_step(state);
  paid.on_time =
      !state.overdue_raised && (step >= state.due.size() || today <= state.due[step]->due_date);
  return paid;
}

InvoiceDecision credit(const schema::InvoiceStateT& state, const schema::IssueCreditNote& command,
                       const Context& context) {
  const std::string id = flatbuffers::GetString(command.credit_note_id());
  if (std::ranges::find(state.credit_note_ids, id) != state.credit_note_ids.end()) return {};
  if (id.empty()) {
    return reject(RejectionCode::InvalidArgument, "a credit note has an id", "/credit_note_id");
  }
  if (state.stage != schema::InvoiceStage::Issued) {
    return reject(RejectionCode::InvalidTransition,
                  std::string("the invoice is ") + schema::EnumNameInvoiceStage(state.stage));
  }
  const Money amount = *command.amount();
  if (amount.currency() != currency_of(state)) {
    return reject(RejectionCode::CurrencyMismatch, "not in the invoice's currency", "/amount");
  }
  const std::int64_t rest = credit_rest_minor(state);
  if (amount.minor() <= 0) {
    return reject(RejectionCode::InvalidArgument, "a credit is above 0", "/amount");
  }
  if (amount.minor() > rest) {
    return reject(RejectionCode::LimitExceeded,
                  "only " + to_string(Money(rest, amount.currency())) + " are left to credit",
                  "/amount");
  }
  if (state.credit_note_ids.size() >= credit_notes_max) {
    return reject(RejectionCode::LimitExceeded,
                  "an invoice has at most " + std::to_string(credit_notes_max) + " credit notes");
  }
  if (auto problem = check_lines(state, command)) return Rejected{std::move(*problem)};
  const auto today = local_day(context.occurred_at, context.policy.time_zone);
  if (!today) return Rejected{rejection_of(today.error())};

  const std::int64_t open = open_minor(state);
  const std::int64_t settles = std::min(amount.minor(), open);
  schema::CreditNoteIssuedT credited;
  credited.credit_note_id = id;
  credited.order_id = state.order_id;
  credited.customer_id = state.customer_id;
  credited.amount = amount;
  credited.base_amount = in_base(state, base_moved_minor(state, settled_minor(state) + settles));
  credited.balance = Money(open - settles, amount.currency());
  credited.reason = flatbuffers::GetString(command.reason());
  credited.unapplied = Money(amount.minor() - settles, amount.currency());
  credited.lines = copy_lines(command);
  // Not while something is owed that was given back before its payment was taken off.
  credited.closes = amount.minor() == rest && settles == open;
  credited.net = Money(net_of_credit_minor(state, amount.minor()), amount.currency());
  const bool settled = open == settles && !credited.closes && !state.paid_announced;
  InvoiceDecision decision;
  decision.add(std::move(credited));
  if (settled) decision.add(paid_event(state, *today));
  return decision;
}

InvoiceDecision write_off(const schema::InvoiceStateT& state,
                          const schema::WriteOffBalance& command, const Context& context) {
  if (!may_write_off(context)) {
    return reject(RejectionCode::Forbidden, "writing off needs finance, a director or an admin");
  }
  const std::int64_t open = open_minor(state);
  if (state.stage != schema::InvoiceStage::Issued || open == 0) {
    return reject(RejectionCode::InvalidTransition, "the invoice has no open balance");
  }
  const Money base = in_base(state, base_moved_minor(state, total_minor(state)));
  InvoiceDecision decision;
  if (context.authority != schema::Authority::Normal) {
    decision.add(written_off(state, open, base.minor(), flatbuffers::GetString(command.reason())));
    return decision;
  }
  if (!state.write_off_approval_id.empty()) {
    return reject(RejectionCode::InvalidTransition,
                  "a write-off waits for approval " + state.write_off_approval_id);
  }
  schema::WriteOffRequestedT requested;
  requested.version = context.version + 1;
  requested.approval_id =
      "write-off/" + std::string(context.aggregate_id) + "/" + std::to_string(requested.version);
  requested.amount = Money(open, currency_of(state));
  requested.base_amount = base;
  // Money given up is a breach, whatever the amount.
  requested.tiers =
      approval_tiers(schema::Grade::A, false, base.minor(), true, context.policy.approval);
  requested.requested_by = context.actor;
  requested.reason = flatbuffers::GetString(command.reason());
  requested.order_id = state.order_id;
  requested.customer_id = state.customer_id;
  decision.add(std::move(requested));
  return decision;
}

// What was approved is written off as far as it is still open, and no more than that: a balance
// that has grown since is another decision.
InvoiceDecision record_write_off_approval(const schema::InvoiceStateT& state,
                                          const schema::RecordWriteOffApproval& command) {
  const auto approval_id = flatbuffers::GetStringView(command.approval_id());
  if (state.write_off_approval_id != approval_id) return {};
  const std::int64_t open = open_minor(state);
  schema::WriteOffRefusedT refused;
  refused.approval_id = approval_id;
  refused.order_id = state.order_id;
  refused.customer_id = state.customer_id;
  if (!command.granted()) {
    refused.reason = flatbuffers::GetString(command.reason());
  } else if (state.stage != schema::InvoiceStage::Issued || open == 0) {
    refused.reason = "nothing is open any more";
  } else if (open > state.write_off_requested_minor) {
    refused.reason = "more is open than was approved";
  }
  InvoiceDecision decision;
  if (!command.granted() || !refused.reason.empty()) {
    decision.add(std::move(refused));
    return decision;
  }
  auto event =
      written_off(state, open, base_moved_minor(state, total_minor(state)), state.write_off_reason);
  event.approval_id = approval_id;
  decision.add(std::move(event));
  return decision;
}

InvoiceDecision apply(const schema::InvoiceStateT& state, const schema::ApplyPayment& command,
                      const Context& context) {
  const std::string allocation_id = flatbuffers::GetString(command.allocation_id());
  if (find_allocation(state, allocation_id) != state.allocations.end()) return {};
  const Money offered = *command.amount();
  if (auto reason = refusal_of(state, offered); !reason.empty()) {
    return refuse(command, std::move(reason));
  }
  const auto today = local_day(context.occurred_at, context.policy.time_zone);
  if (!today) return Rejected{rejection_of(today.error())};

  const Taken taken = take_payment(state, offered.minor(), *today, context.policy.billing);
  const Currency currency = offered.currency();
  const std::int64_t settled = settled_minor(state) + taken.amount + taken.cash_discount;
  const std::int64_t balance = total_minor(state) - settled;
  const std::int64_t base = base_moved_minor(state, settled);
  schema::InvoicePaymentAppliedT applied;
  applied.payment_id = flatbuffers::GetString(command.payment_id());
  applied.allocation_id = allocation_id;
  applied.amount = Money(taken.amount, currency);
  applied.base_amount = in_base(state, base);
  applied.balance = Money(balance, currency);
  applied.order_id = state.order_id;
  applied.customer_id = state.customer_id;
  applied.cash_discount = Money(taken.cash_discount, currency);
  const auto gain = exchange_gain(state, command, Money(taken.amount, currency), context.policy);
  if (!gain) return refuse(command, gain.error().message);
  InvoiceDecision decision;
  decision.add(std::move(applied));
  if (gain->minor() != 0) {
    auto difference = exchange_difference(state, flatbuffers::GetString(command.payment_id()),
                                          allocation_id, *gain);
    difference.exchange_rate.reset(command.exchange_rate()->UnPack());
    decision.add(std::move(difference));
  }
  if (taken.small_difference > 0) {
    auto rest =
        written_off(state, taken.small_difference,
                    base_moved_minor(state, total_minor(state)) - base, "small payment difference");
    rest.small_difference = true;
    decision.add(std::move(rest));
  }
  if (balance == taken.small_difference && !state.paid_announced) {
    decision.add(paid_event(state, *today));
  }
  return decision;
}

InvoiceDecision unapply(const schema::InvoiceStateT& state, const schema::UnapplyPayment& command) {
  const auto found = find_allocation(state, flatbuffers::GetStringView(command.allocation_id()));
  if (found == state.allocations.end()) return {};
  const schema::InvoiceAllocationT& allocation = **found;
  const std::int64_t back = allocation.minor + allocation.discount_minor;
  const Currency currency = currency_of(state);
  schema::InvoicePaymentUnappliedT unapplied;
  unapplied.payment_id = allocation.payment_id;
  unapplied.allocation_id = allocation.allocation_id;
  unapplied.amount = Money(allocation.minor, currency);
  unapplied.base_amount = in_base(state, -base_moved_minor(state, settled_minor(state) - back));
  unapplied.balance = Money(open_minor(state) + back, currency);
  unapplied.order_id = state.order_id;
  unapplied.customer_id = state.customer_id;
  unapplied.cash_discount = Money(allocation.discount_minor, currency);
  InvoiceDecision decision;
  if (allocation.exchange_gain_minor != 0) {
    decision.add(exchange_difference(state, allocation.payment_id, allocation.allocation_id,
                                     in_base(state, -allocation.exchange_gain_minor)));
  }
  decision.add(std::move(unapplied));
  return decision;
}

}  // namespace orderlog::engine::invoice
