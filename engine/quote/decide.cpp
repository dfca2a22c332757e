// Offers to a customer (domain.md 3.3, 4.5, 4.6, 4.8). Must hold: 1. what was issued never changes,
// a revision is a new quote; 2. nothing is accepted after its last day in the customer's zone;
// 3. one order at most comes from one quote.
#include "engine/quote/steps.h"

namespace orderlog::engine {

namespace {

using schema::QuoteCommand;
using schema::QuoteStage;

Rejected engine_only() {
  return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
}

}  // namespace

Decision<schema::QuoteEventUnion> decide(const schema::QuoteStateT& state,
                                         const schema::QuoteCommands& command,
                                         const Context& context) {
  const bool by_engine = context.authority == schema::Authority::System;
  switch (command.command_type()) {
    case QuoteCommand::DraftQuote:
      return quote::draft(state, *command.command_as_DraftQuote(), context);
    case QuoteCommand::EditQuoteLines:
      return quote::edit_lines(state, *command.command_as_EditQuoteLines(), context);
    case QuoteCommand::SubmitQuote:
      return quote::submit(state, context);
    case QuoteCommand::RecordQuoteApproval:
      if (!by_engine) return engine_only();
      return quote::record_approval(state, *command.command_as_RecordQuoteApproval());
    case QuoteCommand::IssueQuote:
      return quote::issue(state, *command.command_as_IssueQuote(), context);
    case QuoteCommand::AcceptQuote:
      return quote::accept(state, context);
    case QuoteCommand::RejectQuote:
      return quote::reject_offer(state, *command.command_as_RejectQuote());
    case QuoteCommand::WithdrawQuote:
      return quote::withdraw(state, *command.command_as_WithdrawQuote());
    case QuoteCommand::ReviseQuote:
      return quote::revise(state, *command.command_as_ReviseQuote(), context);
    case QuoteCommand::DraftRevision:
      if (!by_engine) return engine_only();
      return quote::draft_revision(state, *command.command_as_DraftRevision(), context);
    case QuoteCommand::ExtendQuote:
      return quote::extend(state, *command.command_as_ExtendQuote(), context);
    case QuoteCommand::PlaceOrderFromQuote:
      return quote::place_order(state, *command.command_as_PlaceOrderFromQuote(), context);
    case QuoteCommand::CheckQuoteExpiry:
      if (!by_engine) return engine_only();
      return quote::check_expiry(state, context);
    case QuoteCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "the command is empty");
}

namespace {

// The last good day of a quote in its present stage: of its offer, or of its being kept after that.
std::optional<Day> last_day(const schema::QuoteStateT& state, const Policy& policy) {
  if (!state.valid_until.has_value()) return std::nullopt;
  if (state.stage == QuoteStage::Issued) return state.valid_until.value();
  if (state.stage != QuoteStage::Expired || state.valid_until.value() >= day_max) {
    return std::nullopt;
  }
  return state.valid_until.value() + policy.quote.auto_cancel_days;
}

}  // namespace

std::optional<TimestampUs> next_deadline(const schema::QuoteStateT& state, const Policy& policy) {
  const auto last = last_day(state, policy);
  if (!last || *last < day_min || *last >= day_max) return std::nullopt;
  const auto end = day_start(*last + 1, state.time_zone);
  // A zone that this machine does not know: the last day ends with UTC's.
  return end ? *end : (*last + std::int64_t{1}) * us_per_day;
}

}  // namespace orderlog::engine
