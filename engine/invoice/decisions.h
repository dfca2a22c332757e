// One function a command of the invoice, for invoice.cpp to choose from. All are pure; the invoice
// exists (stage is not None) unless said otherwise.
#pragma once

#include "engine/aggregates.h"
#include "engine/pricing/checked.h"

namespace orderlog::engine::invoice {

using InvoiceDecision = Decision<schema::InvoiceEventUnion>;

inline constexpr std::size_t credit_notes_max = 1'000;  // of one invoice
inline constexpr std::size_t allocations_max = 1'000;   // payments on one invoice at a time

// Of an invoice that may not exist yet.
InvoiceDecision draft(const schema::InvoiceStateT& state, const schema::DraftInvoice& command,
                      const Context& context);
InvoiceDecision issue(const schema::InvoiceStateT& state, const Context& context);
InvoiceDecision complete_issue(const schema::InvoiceStateT& state,
                               const schema::CompleteIssue& command, const Context& context);
InvoiceDecision void_invoice(const schema::InvoiceStateT& state, const schema::VoidInvoice& command,
                             const Context& context);

InvoiceDecision credit(const schema::InvoiceStateT& state, const schema::IssueCreditNote& command,
                       const Context& context);
InvoiceDecision write_off(const schema::InvoiceStateT& state,
                          const schema::WriteOffBalance& command, const Context& context);
InvoiceDecision record_write_off_approval(const schema::InvoiceStateT& state,
                                          const schema::RecordWriteOffApproval& command);
// Also of an invoice that does not exist: the payment waits for an answer in any case.
InvoiceDecision apply(const schema::InvoiceStateT& state, const schema::ApplyPayment& command,
                      const Context& context);
InvoiceDecision unapply(const schema::InvoiceStateT& state, const schema::UnapplyPayment& command);

InvoiceDecision dispute(const schema::InvoiceStateT& state, const schema::RaiseDispute& command);
InvoiceDecision resolve_dispute(const schema::InvoiceStateT& state,
                                const schema::ResolveDispute& command);
InvoiceDecision remind(const schema::InvoiceStateT& state, const schema::SendReminder& command,
                       const Context& context);
InvoiceDecision check_due(const schema::InvoiceStateT& state, const Context& context);

// Entries of `due` from this index on are not covered by what has been settled; due.size() if all
// are.
std::size_t first_open_step(const schema::InvoiceStateT& state);

// InvoicePaid, to be added when the balance has become zero. On time: no open step was overdue.
schema::InvoicePaidT paid_event(const schema::InvoiceStateT& state, Day today);

// What the engine's own late or repeated command gets instead of a refusal.
inline bool is_engine(const Context& context) {
  return context.authority == schema::Authority::System;
}

}  // namespace orderlog::engine::invoice
