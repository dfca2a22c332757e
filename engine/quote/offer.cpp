// A quote in the customer's hands: issue, answer, expiry and the order that follows. Validity is a
// date in the customer's zone: the quote may be accepted until the end of its last day.
#include "engine/quote/lines.h"
#include "engine/quote/steps.h"

namespace orderlog::engine::quote {

namespace {

using flatbuffers::GetString;
using schema::QuoteStage;
using schema::QuoteStateT;

bool has_text(const flatbuffers::String* text) { return text != nullptr && text->size() > 0; }

bool is_history(const Context& context) { return context.authority == schema::Authority::Import; }

Rejected past_date(const char* pointer) {
  return reject(RejectionCode::InvalidArgument, "the date lies in the past", pointer);
}

bool may_be_withdrawn(QuoteStage stage) {
  switch (stage) {
    case QuoteStage::Draft:
    case QuoteStage::PendingApproval:
    case QuoteStage::Approved:
    case QuoteStage::Issued:
      return true;
    case QuoteStage::None:
    case QuoteStage::Accepted:
    case QuoteStage::Ordered:
    case QuoteStage::Rejected:
    case QuoteStage::Expired:
    case QuoteStage::Withdrawn:
    case QuoteStage::Superseded:
      return false;
  }
  return false;
}

schema::QuoteOrderedT ordered(const QuoteStateT& quote, const schema::PlaceOrderFromQuote& command,
                              const Context& context) {
  schema::QuoteOrderedT event;
  event.order_id = GetString(command.order_id());
  event.customer_id = quote.customer_id;
  event.currency = quote.currency;
  for (const auto& line : quote.lines) {
    event.lines.push_back(std::make_unique<schema::QuoteLineT>(*line));
  }
  event.salesperson = quote.salesperson;
  event.channel = quote.channel;
  event.requested_date = command.requested_date();
  event.location = GetString(command.location());
  const auto* customer = context.reference.customer(quote.customer_id);
  if (command.ship_to() != nullptr) {
    event.ship_to.reset(command.ship_to()->UnPack());
  } else if (customer != nullptr && customer->profile && customer->profile->address) {
    event.ship_to = std::make_unique<schema::AddressT>(*customer->profile->address);
  }
  event.external_reference = GetString(command.external_reference());
  return event;
}

}  // namespace

QuoteDecision issue(const QuoteStateT& quote, const schema::IssueQuote& command,
                    const Context& context) {
  if (quote.stage != QuoteStage::Approved) return wrong_stage(quote, "issuing");
  const Day today = quote_today(quote.time_zone, context);
  const auto asked = command.valid_until();
  if (asked.has_value() && asked.value() < today && !is_history(context)) {
    return past_date("/valid_until");
  }
  schema::QuoteIssuedT event;
  event.valid_until =
      asked.has_value() ? asked.value() : today + context.policy.quote.validity_days;
  event.revision = quote.revision;
  event.total = quote.total;
  event.customer_id = quote.customer_id;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision accept(const QuoteStateT& quote, const Context& context) {
  if (quote.stage == QuoteStage::Expired) {
    return reject(RejectionCode::Expired, "the quote has expired");
  }
  if (quote.stage != QuoteStage::Issued) return wrong_stage(quote, "acceptance");
  const Day today = quote_today(quote.time_zone, context);
  if (quote.valid_until.has_value() && today > quote.valid_until.value() && !is_history(context)) {
    return reject(RejectionCode::Expired,
                  "the quote was valid until " + day_to_text(quote.valid_until.value()));
  }
  schema::QuoteAcceptedT event;
  event.total = quote.total;
  event.customer_id = quote.customer_id;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision reject_offer(const QuoteStateT& quote, const schema::RejectQuote& command) {
  if (quote.stage != QuoteStage::Issued) return wrong_stage(quote, "a rejection");
  if (!has_text(command.reason())) {
    return reject(RejectionCode::InvalidArgument, "reason is missing", "/reason");
  }
  schema::QuoteRejectedT event;
  event.reason = command.reason()->str();
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision withdraw(const QuoteStateT& quote, const schema::WithdrawQuote& command) {
  if (!may_be_withdrawn(quote.stage)) return wrong_stage(quote, "a withdrawal");
  schema::QuoteWithdrawnT event;
  event.reason = GetString(command.reason());
  if (quote.stage == QuoteStage::PendingApproval) event.approval_id = quote.approval_id;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision extend(const QuoteStateT& quote, const schema::ExtendQuote& command,
                     const Context& context) {
  if (quote.stage != QuoteStage::Expired) return wrong_stage(quote, "an extension");
  if (command.valid_until() < quote_today(quote.time_zone, context) && !is_history(context)) {
    return past_date("/valid_until");
  }
  schema::QuoteExtendedT event;
  event.valid_until = command.valid_until();
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision place_order(const QuoteStateT& quote, const schema::PlaceOrderFromQuote& command,
                          const Context& context) {
  if (!has_text(command.order_id())) {
    return reject(RejectionCode::InvalidArgument, "order_id is missing", "/order_id");
  }
  if (quote.stage == QuoteStage::Ordered) {
    if (quote.order_id == command.order_id()->string_view()) return QuoteDecision{};
    return reject(RejectionCode::InvalidTransition,
                  "the quote has been ordered as " + quote.order_id);
  }
  if (quote.stage != QuoteStage::Accepted) return wrong_stage(quote, "ordering");
  const auto wanted = command.requested_date();
  if (wanted.has_value() && wanted.value() < quote_today(quote.time_zone, context) &&
      !is_history(context)) {
    return past_date("/requested_date");
  }
  QuoteDecision decision;
  decision.add(ordered(quote, command, context));
  return decision;
}

namespace {

// Nobody has extended or revised it meanwhile (domain.md 4.6).
schema::QuoteWithdrawnT given_up(const QuoteStateT& quote) {
  schema::QuoteWithdrawnT event;
  event.reason = "expired since " + day_to_text(quote.valid_until.value());
  return event;
}

}  // namespace

QuoteDecision check_expiry(const QuoteStateT& quote, const Context& context) {
  QuoteDecision decision;
  const auto due = next_deadline(quote, context.policy);
  if (!due || *due > context.occurred_at) return decision;
  if (quote.stage == QuoteStage::Issued) {
    schema::QuoteExpiredT event;
    event.valid_until = quote.valid_until.value();
    decision.add(std::move(event));
  }
  const bool at_once = context.policy.quote.auto_cancel_days == 0;
  if (quote.stage == QuoteStage::Expired || at_once) decision.add(given_up(quote));
  return decision;
}

}  // namespace orderlog::engine::quote
