// A quote until it may be issued: lines, submission, approval, and the next round.
#include "engine/quote/lines.h"
#include "engine/quote/steps.h"

namespace orderlog::engine::quote {

namespace {

using flatbuffers::GetString;
using schema::QuoteStage;
using schema::QuoteStateT;

bool has_text(const flatbuffers::String* text) { return text != nullptr && text->size() > 0; }

Rejected missing(const char* field) {
  return reject(RejectionCode::InvalidArgument, std::string(field) + " is missing",
                std::string("/") + field);
}

// A sale needs a known, active customer; history and follow-ups take the customer as it is.
std::optional<Rejection> refuse_customer(const schema::CustomerStateT* customer,
                                         const Context& context) {
  if (context.authority != schema::Authority::Normal) return std::nullopt;
  if (customer == nullptr || customer->status == schema::CustomerStatus::None) {
    return Rejection{RejectionCode::NotFound, "/customer_id", "no such customer"};
  }
  if (customer->status == schema::CustomerStatus::Inactive) {
    return Rejection{RejectionCode::InvalidArgument, "/customer_id", "the customer is not active"};
  }
  return std::nullopt;
}

schema::Currency currency_for(schema::Currency asked, const schema::CustomerStateT* customer,
                              const Policy& policy) {
  if (asked != schema::Currency::None) return asked;
  if (customer != nullptr && customer->profile &&
      customer->profile->currency != schema::Currency::None) {
    return customer->profile->currency;
  }
  return policy.base_currency;
}

QuoteTerms terms_of(const QuoteStateT& quote) {
  return QuoteTerms{quote.customer_id, quote.currency, quote.channel, quote.time_zone};
}

// Unique among the approvals of all subjects, and another one for each submission.
std::string approval_id_of(std::string_view quote_id, std::uint64_t version) {
  return "approval-quote-" + std::string(quote_id) + "-" + std::to_string(version);
}

}  // namespace

Rejected wrong_stage(const QuoteStateT& quote, const char* what) {
  if (quote.stage == QuoteStage::None) return reject(RejectionCode::NotFound, "no such quote");
  return reject(RejectionCode::InvalidTransition, std::string(what) +
                                                      " is not possible for a quote that is " +
                                                      schema::EnumNameQuoteStage(quote.stage));
}

QuoteDecision draft(const QuoteStateT& quote, const schema::DraftQuote& command,
                    const Context& context) {
  if (quote.stage != QuoteStage::None) {
    return reject(RejectionCode::AlreadyExists, "this quote has been drafted before");
  }
  if (!has_text(command.customer_id())) return missing("customer_id");
  const auto* customer = context.reference.customer(command.customer_id()->string_view());
  if (auto refusal = refuse_customer(customer, context)) return Rejected{*std::move(refusal)};

  schema::QuoteDraftedT event;
  event.customer_id = command.customer_id()->str();
  event.currency = currency_for(command.currency(), customer, context.policy);
  event.salesperson =
      has_text(command.salesperson()) ? command.salesperson()->str() : std::string(context.actor);
  event.channel = GetString(command.channel());
  event.lead_id = GetString(command.lead_id());
  event.revision = 1;
  event.time_zone = quote_time_zone(customer, context.policy);
  auto priced = price_quote_lines(
      command.lines(), {event.customer_id, event.currency, event.channel, event.time_zone},
      context);
  if (!priced) return priced.rejected();
  event.lines = std::move(priced->lines);
  event.total = priced->total;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision draft_revision(const QuoteStateT& quote, const schema::DraftRevision& command,
                             const Context& context) {
  if (quote.stage != QuoteStage::None) {
    // Delivered again, or an id that another quote has taken.
    if (quote.customer_id == GetString(command.customer_id()) &&
        quote.revision == command.revision()) {
      return QuoteDecision{};
    }
    return reject(RejectionCode::AlreadyExists, "another quote has this id");
  }
  schema::QuoteDraftedT event;
  event.customer_id = GetString(command.customer_id());
  const auto* customer = context.reference.customer(event.customer_id);
  event.currency = currency_for(command.currency(), customer, context.policy);
  event.salesperson = GetString(command.salesperson());
  event.channel = GetString(command.channel());
  event.revision = command.revision();
  event.previous_quote_id = GetString(command.previous_quote_id());
  event.time_zone = quote_time_zone(customer, context.policy);
  auto priced = price_quote_lines(
      command.lines(), {event.customer_id, event.currency, event.channel, event.time_zone},
      context);
  if (!priced) return priced.rejected();
  event.lines = std::move(priced->lines);
  event.total = priced->total;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision edit_lines(const QuoteStateT& quote, const schema::EditQuoteLines& command,
                         const Context& context) {
  if (quote.stage != QuoteStage::Draft) return wrong_stage(quote, "editing");
  auto priced = price_quote_lines(command.lines(), terms_of(quote), context);
  if (!priced) return priced.rejected();
  schema::QuoteLinesChangedT event;
  event.lines = std::move(priced->lines);
  event.total = priced->total;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

QuoteDecision submit(const QuoteStateT& quote, const Context& context) {
  if (quote.stage != QuoteStage::Draft) return wrong_stage(quote, "submission");
  schema::QuoteSubmittedT event;
  event.total = quote.total;
  event.requested_by = context.actor;
  event.version = context.version + 1;
  if (context.authority != schema::Authority::Import) {
    const auto* customer = context.reference.customer(quote.customer_id);
    event.reason = breaches_of(quote, context);
    event.tiers = approval_tiers(customer != nullptr ? customer->grade : schema::Grade::Unrated,
                                 false, nominal_base_minor(quote.total, context.policy),
                                 !event.reason.empty(), context.policy.approval);
  }
  QuoteDecision decision;
  if (event.tiers.empty()) {
    decision.add(std::move(event)).add(schema::QuoteApprovedT{});
    return decision;
  }
  if (event.reason.empty()) event.reason = "amount and customer grade";
  event.approval_id = approval_id_of(context.aggregate_id, event.version);
  decision.add(std::move(event));
  return decision;
}

QuoteDecision record_approval(const QuoteStateT& quote,
                              const schema::RecordQuoteApproval& command) {
  QuoteDecision decision;
  const std::string approval_id = GetString(command.approval_id());
  if (quote.stage != QuoteStage::PendingApproval || quote.approval_id != approval_id) {
    return decision;
  }
  if (command.granted()) {
    schema::QuoteApprovedT event;
    event.approval_id = approval_id;
    decision.add(std::move(event));
  } else {
    schema::QuoteReturnedT event;
    event.approval_id = approval_id;
    event.reason = GetString(command.reason());
    decision.add(std::move(event));
  }
  return decision;
}

QuoteDecision revise(const QuoteStateT& quote, const schema::ReviseQuote& command,
                     const Context& context) {
  switch (quote.stage) {
    case QuoteStage::Issued:
    case QuoteStage::Rejected:
    case QuoteStage::Expired:
      break;
    case QuoteStage::None:
    case QuoteStage::Draft:
    case QuoteStage::PendingApproval:
    case QuoteStage::Approved:
    case QuoteStage::Accepted:
    case QuoteStage::Ordered:
    case QuoteStage::Withdrawn:
    case QuoteStage::Superseded:
      return wrong_stage(quote, "a revision");
  }
  if (!has_text(command.new_quote_id())) return missing("new_quote_id");
  if (command.new_quote_id()->string_view() == context.aggregate_id) {
    return reject(RejectionCode::InvalidArgument, "the revision needs an id of its own",
                  "/new_quote_id");
  }
  if (quote.revision >= context.policy.quote.rounds_max) {
    return reject(
        RejectionCode::LimitExceeded,
        "a quote has at most " + std::to_string(context.policy.quote.rounds_max) + " rounds");
  }
  schema::QuoteRevisedT event;
  if (command.lines() != nullptr && command.lines()->size() > 0) {
    // Priced here only to refuse what the new quote could not take: by then this one is superseded.
    const auto priced = price_quote_lines(command.lines(), terms_of(quote), context);
    if (!priced) return priced.rejected();
    for (const auto* line : *command.lines()) event.lines.emplace_back(line->UnPack());
  } else {
    event.lines = requests_of(quote.lines);
  }
  event.new_quote_id = command.new_quote_id()->str();
  event.revision = quote.revision + 1;
  event.customer_id = quote.customer_id;
  event.currency = quote.currency;
  event.salesperson = quote.salesperson;
  event.channel = quote.channel;
  QuoteDecision decision;
  decision.add(std::move(event));
  return decision;
}

}  // namespace orderlog::engine::quote
