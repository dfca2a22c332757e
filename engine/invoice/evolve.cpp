// The state of an invoice after each of its events. Total: takes what the event says, checks
// nothing.
#include <algorithm>
#include <string>

#include "engine/aggregates.h"

namespace orderlog::engine {

namespace {

using schema::InvoiceStage;
using schema::InvoiceStateT;

std::int64_t minor_of(const schema::Money* amount) { return amount ? amount->minor() : 0; }

void on(InvoiceStateT& state, const schema::InvoiceDrafted& event) {
  state.stage = InvoiceStage::Draft;
  state.order_id = flatbuffers::GetString(event.order_id());
  state.customer_id = flatbuffers::GetString(event.customer_id());
  state.shipment_id = flatbuffers::GetString(event.shipment_id());
  state.content.reset(event.content() ? event.content()->UnPack() : new schema::InvoiceRequestT());
}

void on(InvoiceStateT& state, const schema::InvoiceIssued& event) {
  state.stage = InvoiceStage::Issued;
  state.number = event.number();
  state.issued_on = event.issued_on();
  state.due.clear();
  if (event.due()) {
    for (const auto* due : *event.due()) state.due.emplace_back(due->UnPack());
  }
  state.discount_until = event.discount_until();
  state.discount_minor = minor_of(event.discount_amount());
  if (!state.content) state.content = std::make_unique<schema::InvoiceRequestT>();
}

void on(InvoiceStateT& state, const schema::CreditNoteIssued& event) {
  state.credit_note_ids.push_back(flatbuffers::GetString(event.credit_note_id()));
  state.credited_minor += minor_of(event.amount());
  state.credit_returned_minor += minor_of(event.unapplied());
  state.base_settled_minor += minor_of(event.base_amount());
  if (event.closes()) state.stage = InvoiceStage::Credited;
}

void forget_write_off(InvoiceStateT& state) {
  state.write_off_approval_id.clear();
  state.write_off_requested_minor = 0;
  state.write_off_reason.clear();
}

void on(InvoiceStateT& state, const schema::InvoiceWrittenOff& event) {
  state.written_off_minor += minor_of(event.amount());
  state.base_settled_minor += minor_of(event.base_amount());
  if (event.small_difference()) return;
  state.stage = InvoiceStage::WrittenOff;
  forget_write_off(state);
}

void on(InvoiceStateT& state, const schema::WriteOffRequested& event) {
  state.write_off_approval_id = flatbuffers::GetString(event.approval_id());
  state.write_off_requested_minor = minor_of(event.amount());
  state.write_off_reason = flatbuffers::GetString(event.reason());
}

void on(InvoiceStateT& state, const schema::InvoicePaymentApplied& event) {
  auto allocation = std::make_unique<schema::InvoiceAllocationT>();
  allocation->allocation_id = flatbuffers::GetString(event.allocation_id());
  allocation->payment_id = flatbuffers::GetString(event.payment_id());
  allocation->minor = minor_of(event.amount());
  allocation->discount_minor = minor_of(event.cash_discount());
  state.allocations.push_back(std::move(allocation));
  state.paid_minor += minor_of(event.amount());
  state.base_settled_minor += minor_of(event.base_amount());
}

void on(InvoiceStateT& state, const schema::ExchangeDifferenceRecorded& event) {
  const auto id = flatbuffers::GetStringView(event.allocation_id());
  for (auto& allocation : state.allocations) {
    if (allocation->allocation_id == id) allocation->exchange_gain_minor += minor_of(event.gain());
  }
}

void on(InvoiceStateT& state, const schema::InvoicePaymentUnapplied& event) {
  const auto id = flatbuffers::GetStringView(event.allocation_id());
  std::erase_if(state.allocations,
                [&](const auto& allocation) { return allocation->allocation_id == id; });
  state.paid_minor -= minor_of(event.amount());
  state.base_settled_minor -= minor_of(event.base_amount());
  if (minor_of(event.balance()) == 0) return;
  // It is owed again, from whatever end it had come to, and may be paid a second time.
  state.stage = InvoiceStage::Issued;
  state.paid_announced = false;
}

void on(InvoiceStateT& state, const schema::InvoiceOverdue& event) {
  state.overdue_raised = true;
  const auto passed = std::ranges::count_if(
      state.due, [&](const auto& due) { return due->due_date <= event.due_date(); });
  state.overdue_steps = static_cast<std::uint32_t>(passed);
}

void on_paid(InvoiceStateT& state) {
  state.paid_announced = true;
  // Should a payment be taken off again, each date that has passed is worth saying again.
  state.overdue_raised = false;
  state.overdue_steps = 0;
}

}  // namespace

void evolve(InvoiceStateT& state, const schema::InvoiceEvents& event, const EventMeta&) {
  switch (event.event_type()) {
    case schema::InvoiceEvent::InvoiceDrafted:
      return on(state, *event.event_as_InvoiceDrafted());
    case schema::InvoiceEvent::InvoiceIssueRequested:
      state.issue_requested = true;
      return;
    case schema::InvoiceEvent::InvoiceIssued:
      return on(state, *event.event_as_InvoiceIssued());
    case schema::InvoiceEvent::InvoiceVoided:
      state.stage = InvoiceStage::Voided;
      return;
    case schema::InvoiceEvent::CreditNoteIssued:
      return on(state, *event.event_as_CreditNoteIssued());
    case schema::InvoiceEvent::InvoiceDisputed:
      state.disputed = true;
      return;
    case schema::InvoiceEvent::DisputeResolved:
      state.disputed = false;
      return;
    case schema::InvoiceEvent::InvoiceReminderSent:
      state.reminder_level = event.event_as_InvoiceReminderSent()->level();
      return;
    case schema::InvoiceEvent::InvoiceWrittenOff:
      return on(state, *event.event_as_InvoiceWrittenOff());
    case schema::InvoiceEvent::WriteOffRequested:
      return on(state, *event.event_as_WriteOffRequested());
    case schema::InvoiceEvent::WriteOffRefused:
      return forget_write_off(state);
    case schema::InvoiceEvent::InvoicePaymentApplied:
      return on(state, *event.event_as_InvoicePaymentApplied());
    case schema::InvoiceEvent::InvoicePaymentUnapplied:
      return on(state, *event.event_as_InvoicePaymentUnapplied());
    case schema::InvoiceEvent::ExchangeDifferenceRecorded:
      return on(state, *event.event_as_ExchangeDifferenceRecorded());
    case schema::InvoiceEvent::InvoicePaid:
      return on_paid(state);
    case schema::InvoiceEvent::InvoiceOverdue:
      return on(state, *event.event_as_InvoiceOverdue());
    case schema::InvoiceEvent::InvoicePaymentRefused:
    case schema::InvoiceEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine
