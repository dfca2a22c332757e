// The state of a quote after each event. Total: an absent field reads as empty.
#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

using flatbuffers::GetString;
using schema::QuoteEvent;
using schema::QuoteStage;
using schema::QuoteStateT;

using Lines = flatbuffers::Vector<flatbuffers::Offset<schema::QuoteLine>>;

void set_lines(QuoteStateT& quote, const Lines* lines, const schema::Money* total) {
  quote.lines.clear();
  if (lines != nullptr) {
    for (const auto* line : *lines) quote.lines.emplace_back(line->UnPack());
  }
  quote.total = total != nullptr ? *total : schema::Money();
}

void drafted(QuoteStateT& quote, const schema::QuoteDrafted& event) {
  quote = QuoteStateT{};
  quote.stage = QuoteStage::Draft;
  quote.customer_id = GetString(event.customer_id());
  quote.currency = event.currency();
  set_lines(quote, event.lines(), event.total());
  quote.salesperson = GetString(event.salesperson());
  quote.channel = GetString(event.channel());
  quote.revision = event.revision();
  quote.time_zone = GetString(event.time_zone());
}

}  // namespace

void evolve(QuoteStateT& state, const schema::QuoteEvents& event, const EventMeta&) {
  switch (event.event_type()) {
    case QuoteEvent::QuoteDrafted:
      drafted(state, *event.event_as_QuoteDrafted());
      break;
    case QuoteEvent::QuoteLinesChanged: {
      const auto* changed = event.event_as_QuoteLinesChanged();
      set_lines(state, changed->lines(), changed->total());
      break;
    }
    case QuoteEvent::QuoteSubmitted:
      state.stage = QuoteStage::PendingApproval;
      state.approval_id = GetString(event.event_as_QuoteSubmitted()->approval_id());
      break;
    case QuoteEvent::QuoteApproved:
      state.stage = QuoteStage::Approved;
      break;
    case QuoteEvent::QuoteReturned:
      state.stage = QuoteStage::Draft;
      state.approval_id.clear();
      break;
    case QuoteEvent::QuoteIssued:
      state.stage = QuoteStage::Issued;
      state.valid_until = event.event_as_QuoteIssued()->valid_until();
      break;
    case QuoteEvent::QuoteAccepted:
      state.stage = QuoteStage::Accepted;
      break;
    case QuoteEvent::QuoteRejected:
      state.stage = QuoteStage::Rejected;
      break;
    case QuoteEvent::QuoteWithdrawn:
      state.stage = QuoteStage::Withdrawn;
      break;
    case QuoteEvent::QuoteExpired:
      state.stage = QuoteStage::Expired;
      break;
    case QuoteEvent::QuoteRevised:
      state.stage = QuoteStage::Superseded;
      break;
    case QuoteEvent::QuoteExtended:
      state.stage = QuoteStage::Issued;
      state.valid_until = event.event_as_QuoteExtended()->valid_until();
      break;
    case QuoteEvent::QuoteOrdered:
      state.stage = QuoteStage::Ordered;
      state.order_id = GetString(event.event_as_QuoteOrdered()->order_id());
      break;
    case QuoteEvent::NONE:
      break;
  }
}

}  // namespace orderlog::engine
