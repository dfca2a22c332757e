// An invoice is drafted with content that adds up, then takes its number and its due dates. Must
// hold: 1. total = Σ (net + tax) + freight in one currency; 2. the base total is in the company's
// currency; 3. one number an invoice. Rules: domain.md 3.12, 4.2, 4.4, 4.18.
#include <string>
#include <utility>

#include "engine/invoice/balance.h"
#include "engine/invoice/decisions.h"
#include "engine/invoice/payment_terms.h"
#include "events/base/calendar.h"
#include "events/base/currency.h"
#include "events/base/money.h"

namespace orderlog::engine::invoice {

namespace {

using MaybeRejection = std::optional<Rejection>;

Rejection invalid(std::string detail, std::string pointer) {
  return Rejection{RejectionCode::InvalidArgument, std::move(pointer), std::move(detail)};
}

// Adds a part of the total: not negative, and in the total's currency unless it is not there at
// all.
MaybeRejection add_part(Money& sum, const Money& part, const std::string& pointer) {
  if (part.minor() < 0) return invalid("an amount is negative", pointer);
  if (part == Money()) return std::nullopt;
  if (part.currency() != sum.currency()) {
    return Rejection{RejectionCode::CurrencyMismatch, pointer, "not in the invoice's currency"};
  }
  const auto added = add(sum, part);
  if (!added) return rejection_of(added.error(), pointer);
  sum = *added;
  return std::nullopt;
}

MaybeRejection check_sum(const schema::InvoiceRequestT& content) {
  // Without lines (an open item taken over from elsewhere) the total stands for itself.
  if (content.lines.empty()) return std::nullopt;
  Money sum(0, content.total.currency());
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const auto& line = *content.lines[i];
    const std::string pointer = "/content/lines/" + std::to_string(i);
    if (line.quantity.milli() <= 0) return invalid("a quantity is above 0", pointer + "/quantity");
    if (auto problem = add_part(sum, line.net, pointer + "/net")) return problem;
    if (auto problem = add_part(sum, line.tax, pointer + "/tax")) return problem;
  }
  if (auto problem = add_part(sum, content.freight, "/content/freight")) return problem;
  if (sum.minor() != content.total.minor()) {
    return invalid("lines and freight sum to " + to_string(sum) + ", the total says " +
                       to_string(content.total),
                   "/content/total");
  }
  return std::nullopt;
}

// The base total given, or taken from the rate that is fixed on the document.
Checked<Money> base_total_of(const schema::InvoiceRequestT& content, const Policy& policy) {
  const Money& given = content.base_total;
  const bool same = content.total.currency() == policy.base_currency;
  if (given.currency() != schema::Currency::None) {
    if (given.currency() != policy.base_currency) {
      return Rejection{RejectionCode::CurrencyMismatch, "/content/base_total",
                       "not in the company's currency"};
    }
    if (given.minor() < 0 || (same && given.minor() != content.total.minor())) {
      return invalid("the base total does not fit the total", "/content/base_total");
    }
    return given;
  }
  if (same) return content.total;
  if (!content.exchange_rate) {
    return Rejection{RejectionCode::CurrencyMismatch, "/content/exchange_rate",
                     "another currency needs a base total or a rate"};
  }
  const auto converted =
      convert(content.total, content.exchange_rate->mantissa, content.exchange_rate->scale,
              policy.base_currency, policy.rounding_of(policy.base_currency));
  if (!converted) return rejection_of(converted.error(), "/content/exchange_rate");
  return *converted;
}

MaybeRejection check_content(const schema::InvoiceRequestT& content, const Policy& policy) {
  if (!is_known(content.total.currency())) return invalid("unknown currency", "/content/total");
  if (content.total.minor() < 0) return invalid("a total is not negative", "/content/total");
  if (content.lines.size() > static_cast<std::size_t>(policy.order.lines_max)) {
    return Rejection{RejectionCode::LimitExceeded, "/content/lines",
                     "more than " + std::to_string(policy.order.lines_max) + " lines"};
  }
  if (auto problem = check_sum(content)) return problem;
  if (auto problem = problem_of(content.payment_terms.get())) {
    problem->pointer = "/content/payment_terms" + problem->pointer;
    return problem;
  }
  return std::nullopt;
}

std::vector<std::unique_ptr<schema::ShippedQuantityT>> quantities_of(
    const schema::InvoiceRequestT& content) {
  std::vector<std::unique_ptr<schema::ShippedQuantityT>> lines;
  for (const auto& share : content.lines) {
    auto line = std::make_unique<schema::ShippedQuantityT>();
    line->line = share->line;
    line->quantity = share->quantity;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string stage_name(const schema::InvoiceStateT& state) {
  return schema::EnumNameInvoiceStage(state.stage);
}

}  // namespace

InvoiceDecision draft(const schema::InvoiceStateT& state, const schema::DraftInvoice& command,
                      const Context& context) {
  if (state.stage != schema::InvoiceStage::None) {
    if (is_engine(context)) return {};
    return reject(RejectionCode::AlreadyExists, "the invoice exists; its content is fixed");
  }
  schema::InvoiceDraftedT drafted;
  drafted.order_id = flatbuffers::GetString(command.order_id());
  drafted.customer_id = flatbuffers::GetString(command.customer_id());
  drafted.shipment_id = flatbuffers::GetString(command.shipment_id());
  if (drafted.customer_id.empty()) {
    return reject(RejectionCode::InvalidArgument, "an invoice has a customer", "/customer_id");
  }
  // An order counts what it has invoiced (3.7), so only its own shipments may bill it.
  if (!drafted.order_id.empty() && context.authority == schema::Authority::Normal) {
    return reject(RejectionCode::EngineOnly, "an order is invoiced from its shipments",
                  "/order_id");
  }
  drafted.content.reset(command.content()->UnPack());
  if (auto problem = check_content(*drafted.content, context.policy)) {
    return Rejected{std::move(*problem)};
  }
  const auto base_total = base_total_of(*drafted.content, context.policy);
  if (!base_total) return base_total.rejected();
  drafted.content->base_total = *base_total;
  drafted.content->invoice_id = context.aggregate_id;
  InvoiceDecision decision;
  decision.add(std::move(drafted));
  return decision;
}

InvoiceDecision issue(const schema::InvoiceStateT& state, const Context& context) {
  if (state.stage != schema::InvoiceStage::Draft) {
    if (is_engine(context)) return {};
    return reject(RejectionCode::InvalidTransition, "the invoice is already " + stage_name(state));
  }
  InvoiceDecision decision;
  if (state.issue_requested) return decision;
  schema::InvoiceIssueRequestedT requested;
  requested.series_id = context.policy.billing.invoice_series;
  decision.add(std::move(requested));
  return decision;
}

InvoiceDecision complete_issue(const schema::InvoiceStateT& state,
                               const schema::CompleteIssue& command, const Context& context) {
  if (state.stage != schema::InvoiceStage::Draft || !state.issue_requested) return {};
  if (command.number() == 0) {
    return reject(RejectionCode::InvalidArgument, "invoice numbers start at 1", "/number");
  }
  const auto today = local_day(context.occurred_at, context.policy.time_zone);
  if (!today) return Rejected{rejection_of(today.error())};
  const auto& content = *state.content;
  auto terms = payable(content.total, content.payment_terms.get(), *today, context.policy.billing);
  if (!terms) return terms.rejected();

  schema::InvoiceIssuedT issued;
  issued.number = command.number();
  issued.series_id = context.policy.billing.invoice_series;
  issued.order_id = state.order_id;
  issued.customer_id = state.customer_id;
  issued.total = content.total;
  issued.base_total = content.base_total;
  issued.issued_on = *today;
  issued.lines = quantities_of(content);
  for (auto& due : terms->due) {
    issued.due.push_back(std::make_unique<schema::DueAmountT>(std::move(due)));
  }
  if (terms->discount_until) issued.discount_until = *terms->discount_until;
  issued.discount_amount = terms->discount;
  InvoiceDecision decision;
  decision.add(std::move(issued));
  // Nothing to pay is paid.
  if (content.total.minor() == 0) decision.add(paid_event(state, *today));
  return decision;
}

namespace {

// Whether the books of the month in which the invoice was issued are still open (domain.md 3.12).
bool is_period_open(const schema::InvoiceStateT& state, const Context& context) {
  if (context.authority != schema::Authority::Normal || !state.issued_on) return true;
  const auto end = month_end(*state.issued_on);
  const auto today = local_day(context.occurred_at, context.policy.time_zone);
  return end.ok() && today.ok() &&
         *today <= *end + context.policy.billing.void_days_after_month_end;
}

}  // namespace

InvoiceDecision void_invoice(const schema::InvoiceStateT& state, const schema::VoidInvoice& command,
                             const Context& context) {
  const bool issued = state.stage == schema::InvoiceStage::Issued;
  if (!issued && state.stage != schema::InvoiceStage::Draft) {
    return reject(RejectionCode::InvalidTransition,
                  "a " + stage_name(state) + " invoice cannot be voided");
  }
  // Its number is already drawn and would be lost.
  if (!issued && state.issue_requested) {
    return reject(RejectionCode::InvalidTransition, "the invoice is being issued: void it then");
  }
  if (!state.allocations.empty()) {
    return reject(RejectionCode::InvalidTransition,
                  "the invoice has payments: take them off, or credit it");
  }
  if (state.credited_minor > 0 || state.written_off_minor > 0) {
    return reject(RejectionCode::InvalidTransition,
                  "the invoice is partly credited: credit the rest");
  }
  if (issued && !is_period_open(state, context)) {
    return reject(RejectionCode::InvalidTransition,
                  "the books of the month in which it was issued are closed: credit it");
  }
  schema::InvoiceVoidedT voided;
  voided.order_id = state.order_id;
  voided.customer_id = state.customer_id;
  voided.total = state.content->total;
  voided.base_total = state.content->base_total;
  voided.reason = flatbuffers::GetString(command.reason());
  voided.issued = issued;
  voided.lines = quantities_of(*state.content);
  InvoiceDecision decision;
  decision.add(std::move(voided));
  return decision;
}

}  // namespace orderlog::engine::invoice
