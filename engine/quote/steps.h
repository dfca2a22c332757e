// The decisions of a quote, one function a command (domain.md 3.3); split over the sources by
// phase: draft.cpp (lines, submission, approval, rounds) and offer.cpp (from issue to order). Pure.
#pragma once

#include "engine/aggregates.h"

namespace orderlog::engine::quote {

using QuoteDecision = Decision<schema::QuoteEventUnion>;

QuoteDecision draft(const schema::QuoteStateT& quote, const schema::DraftQuote& command,
                    const Context& context);
QuoteDecision draft_revision(const schema::QuoteStateT& quote, const schema::DraftRevision& command,
                             const Context& context);
QuoteDecision edit_lines(const schema::QuoteStateT& quote, const schema::EditQuoteLines& command,
                         const Context& context);
QuoteDecision submit(const schema::QuoteStateT& quote, const Context& context);
QuoteDecision record_approval(const schema::QuoteStateT& quote,
                              const schema::RecordQuoteApproval& command);
QuoteDecision revise(const schema::QuoteStateT& quote, const schema::ReviseQuote& command,
                     const Context& context);

QuoteDecision issue(const schema::QuoteStateT& quote, const schema::IssueQuote& command,
                    const Context& context);
QuoteDecision accept(const schema::QuoteStateT& quote, const Context& context);
QuoteDecision reject_offer(const schema::QuoteStateT& quote, const schema::RejectQuote& command);
QuoteDecision withdraw(const schema::QuoteStateT& quote, const schema::WithdrawQuote& command);
QuoteDecision extend(const schema::QuoteStateT& quote, const schema::ExtendQuote& command,
                     const Context& context);
QuoteDecision place_order(const schema::QuoteStateT& quote,
                          const schema::PlaceOrderFromQuote& command, const Context& context);
QuoteDecision check_expiry(const schema::QuoteStateT& quote, const Context& context);

// NotFound when there is no such quote, else InvalidTransition.
Rejected wrong_stage(const schema::QuoteStateT& quote, const char* what);

}  // namespace orderlog::engine::quote
