// What follows from leads, quotes, approvals, customers and their credit (domain.md 3.1, 3.3, 3.5,
// 3.16).
#include "engine/fulfilment/reactions.h"

namespace orderlog::engine::fulfilment {

namespace {

// ---- quote

void on(const Cause& cause, const schema::QuoteSubmitted& event, Outgoing& out) {
  if (event.tiers() == nullptr || event.tiers()->size() == 0) return;
  schema::RequestApprovalT command;
  command.approval_id = text_of(event.approval_id());
  command.subject = schema::ApprovalSubject::Quote;
  command.subject_id = cause.aggregate_id;
  command.subject_version = event.version();
  for (const auto tier : *event.tiers()) command.tiers.push_back(static_cast<schema::Role>(tier));
  command.requested_by = text_of(event.requested_by());
  command.amount = money_of(event.total());
  command.reason = text_of(event.reason());
  out.send(std::move(command));
}

void on(const Cause&, const schema::QuoteWithdrawn& event, Outgoing& out) {
  if (!has_text(event.approval_id())) return;
  schema::WithdrawApprovalT command;
  command.approval_id = event.approval_id()->str();
  command.reason = "the quote was withdrawn";
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::QuoteRevised& event, Outgoing& out) {
  schema::DraftRevisionT command;
  command.quote_id = text_of(event.new_quote_id());
  command.previous_quote_id = cause.aggregate_id;
  command.customer_id = text_of(event.customer_id());
  command.currency = event.currency();
  if (event.lines() != nullptr) {
    for (const auto* line : *event.lines()) command.lines.emplace_back(line->UnPack());
  }
  command.salesperson = text_of(event.salesperson());
  command.channel = text_of(event.channel());
  command.revision = event.revision();
  out.send(std::move(command));
}

// The order takes the quote's prices as they were agreed.
void on(const Cause& cause, const schema::QuoteOrdered& event, Outgoing& out) {
  schema::PlaceOrderT command;
  command.order_id = text_of(event.order_id());
  command.header = std::make_unique<schema::OrderHeaderT>();
  auto& header = *command.header;
  header.customer_id = text_of(event.customer_id());
  header.currency = event.currency();
  header.channel = text_of(event.channel());
  header.salesperson = text_of(event.salesperson());
  header.requested_date = event.requested_date();
  header.external_reference = text_of(event.external_reference());
  header.quote_id = cause.aggregate_id;
  if (event.ship_to() != nullptr) header.ship_to.reset(event.ship_to()->UnPack());
  if (event.lines() != nullptr) {
    for (const auto* quoted : *event.lines()) {
      auto line = std::make_unique<schema::OrderLineRequestT>();
      line->line = quoted->line();
      line->product_id = text_of(quoted->product_id());
      line->location = text_of(event.location());
      if (quoted->quantity() != nullptr) line->quantity = *quoted->quantity();
      if (quoted->price() != nullptr) {
        if (quoted->price()->unit_price() != nullptr) {
          line->unit_price = *quoted->price()->unit_price();
        }
        line->discount_ppm = quoted->price()->manual_discount_ppm();
      }
      command.lines.push_back(std::move(line));
    }
  }
  out.send(std::move(command));
}

// ---- approval

template <class Event>
void answer(const Cause& cause, const Event& event, bool granted, const std::string& reason,
            Outgoing& out) {
  switch (event.subject()) {
    case schema::ApprovalSubject::Order: {
      schema::RecordOrderApprovalT command;
      command.order_id = text_of(event.subject_id());
      command.approval_id = cause.aggregate_id;
      command.granted = granted;
      command.reason = reason;
      command.subject_version = event.subject_version();
      return out.send(std::move(command));
    }
    case schema::ApprovalSubject::Quote: {
      schema::RecordQuoteApprovalT command;
      command.quote_id = text_of(event.subject_id());
      command.approval_id = cause.aggregate_id;
      command.granted = granted;
      command.reason = reason;
      return out.send(std::move(command));
    }
    case schema::ApprovalSubject::WriteOff: {
      schema::RecordWriteOffApprovalT command;
      command.invoice_id = text_of(event.subject_id());
      command.approval_id = cause.aggregate_id;
      command.granted = granted;
      command.reason = reason;
      return out.send(std::move(command));
    }
    // A refund has steps of its own.
    case schema::ApprovalSubject::Refund:
    case schema::ApprovalSubject::None:
      return;
  }
}

// ---- lead

void on(const Cause& cause, const schema::LeadMergeRequested& event, Outgoing& out) {
  schema::AcceptLeadMergeT command;
  command.lead_id = text_of(event.into());
  command.merged = cause.aggregate_id;
  if (event.contact() != nullptr) command.contact.reset(event.contact()->UnPack());
  out.send(std::move(command));
}

void confirm_merge(const Cause& cause, const flatbuffers::String* merged, bool accepted,
                   Outgoing& out) {
  schema::ConfirmLeadMergeT command;
  command.lead_id = text_of(merged);
  command.into = cause.aggregate_id;
  command.accepted = accepted;
  out.send(std::move(command));
}

// ---- credit

void on(const schema::CreditReserved& event, Outgoing& out) {
  schema::RecordCreditOutcomeT command;
  command.order_id = text_of(event.order_id());
  command.granted = true;
  command.amount = money_of(event.amount());
  command.grade = event.grade();
  command.new_customer = event.new_customer();
  command.duplicate_of = text_of(event.duplicate_of());
  command.exposure = money_of(event.exposure());
  command.limit = money_of(event.limit());
  out.send(std::move(command));
}

void on(const schema::CreditRefused& event, Outgoing& out) {
  schema::RecordCreditOutcomeT command;
  command.order_id = text_of(event.order_id());
  command.reason = schema::EnumNameCreditReason(event.reason());
  command.grade = event.grade();
  command.duplicate_of = text_of(event.duplicate_of());
  command.exposure = money_of(event.exposure());
  command.limit = money_of(event.limit());
  // Without a limit it is cash in advance (domain.md 4.7).
  command.prepayment_needed = event.reason() == schema::CreditReason::NoLimit;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::CreditGraded& event, Outgoing& out) {
  schema::AdoptGradeT command;
  command.customer_id = cause.aggregate_id;
  command.grade = event.to();
  out.send(std::move(command));
}

}  // namespace

void react_to_quote(const Cause& cause, const schema::QuoteEvents& event, Outgoing& out) {
  using schema::QuoteEvent;
  switch (event.event_type()) {
    case QuoteEvent::QuoteSubmitted:
      return on(cause, *event.event_as_QuoteSubmitted(), out);
    case QuoteEvent::QuoteWithdrawn:
      return on(cause, *event.event_as_QuoteWithdrawn(), out);
    case QuoteEvent::QuoteRevised:
      return on(cause, *event.event_as_QuoteRevised(), out);
    case QuoteEvent::QuoteOrdered:
      return on(cause, *event.event_as_QuoteOrdered(), out);
    case QuoteEvent::QuoteDrafted:
    case QuoteEvent::QuoteLinesChanged:
    case QuoteEvent::QuoteApproved:
    case QuoteEvent::QuoteReturned:
    case QuoteEvent::QuoteIssued:
    case QuoteEvent::QuoteAccepted:
    case QuoteEvent::QuoteRejected:
    case QuoteEvent::QuoteExpired:
    case QuoteEvent::QuoteExtended:
    case QuoteEvent::NONE:
      return;
  }
}

void react_to_approval(const Cause& cause, const schema::ApprovalEvents& event, Outgoing& out) {
  using schema::ApprovalEvent;
  switch (event.event_type()) {
    case ApprovalEvent::ApprovalGranted:
      return answer(cause, *event.event_as_ApprovalGranted(), true, {}, out);
    case ApprovalEvent::ApprovalRefused: {
      const auto& refused = *event.event_as_ApprovalRefused();
      return answer(cause, refused, false, text_of(refused.reason()), out);
    }
    case ApprovalEvent::ApprovalExpired:
      return answer(cause, *event.event_as_ApprovalExpired(), false, "nobody answered in time",
                    out);
    case ApprovalEvent::ApprovalRequested:
    case ApprovalEvent::ApprovalTierGranted:
    case ApprovalEvent::ApprovalDelegated:
    case ApprovalEvent::ApprovalWithdrawn:
    case ApprovalEvent::ApprovalEscalated:
    case ApprovalEvent::NONE:
      return;
  }
}

void react_to_lead(const Cause& cause, const schema::LeadEvents& event, Outgoing& out) {
  using schema::LeadEvent;
  switch (event.event_type()) {
    case LeadEvent::LeadMergeRequested:
      return on(cause, *event.event_as_LeadMergeRequested(), out);
    case LeadEvent::LeadMergeAccepted:
      return confirm_merge(cause, event.event_as_LeadMergeAccepted()->merged(), true, out);
    case LeadEvent::LeadMergeRefused:
      return confirm_merge(cause, event.event_as_LeadMergeRefused()->merged(), false, out);
    case LeadEvent::LeadCaptured:
    case LeadEvent::LeadScored:
    case LeadEvent::LeadAssigned:
    case LeadEvent::LeadReleased:
    case LeadEvent::LeadFollowedUp:
    case LeadEvent::FollowUpMissed:
    case LeadEvent::LeadConverted:
    case LeadEvent::LeadDisqualified:
    case LeadEvent::LeadMerged:
    case LeadEvent::LeadMergeFailed:
    case LeadEvent::LeadReopened:
    case LeadEvent::NONE:
      return;
  }
}

void react_to_customer(const Cause& cause, const schema::CustomerEvents& event, Outgoing& out) {
  using schema::CustomerEvent;
  switch (event.event_type()) {
    case CustomerEvent::CustomerRegistered: {
      // Kept in the company's currency: none given.
      schema::OpenCreditAccountT command;
      command.customer_id = cause.aggregate_id;
      return out.send(std::move(command));
    }
    case CustomerEvent::CustomerChanged:
    case CustomerEvent::CustomerGraded:
    case CustomerEvent::CustomerDeactivated:
    case CustomerEvent::CustomerReactivated:
    case CustomerEvent::CustomerCopied:
    case CustomerEvent::NONE:
      return;
  }
}

void react_to_credit(const Cause& cause, const schema::CreditEvents& event, Outgoing& out) {
  using schema::CreditEvent;
  switch (event.event_type()) {
    case CreditEvent::CreditReserved:
      return on(*event.event_as_CreditReserved(), out);
    case CreditEvent::CreditRefused:
      return on(*event.event_as_CreditRefused(), out);
    case CreditEvent::CreditGraded:
      return on(cause, *event.event_as_CreditGraded(), out);
    case CreditEvent::CreditAccountOpened:
    case CreditEvent::CreditLimitSet:
    case CreditEvent::ExposureMoved:
    case CreditEvent::CreditReleased:
    case CreditEvent::CustomerBlocked:
    case CreditEvent::CustomerUnblocked:
    case CreditEvent::CreditBalanceChanged:
    case CreditEvent::DunningRecorded:
    case CreditEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine::fulfilment
