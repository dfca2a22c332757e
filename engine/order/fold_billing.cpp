#include <algorithm>

#include "engine/order/fold.h"

namespace orderlog::engine::order {

namespace {

std::int64_t minor_of(const Money* amount) { return amount == nullptr ? 0 : amount->minor(); }

schema::OrderPrepaymentT& prepayment_in(MutableState& order, const std::string& payment_id) {
  for (const auto& prepayment : order.prepayments) {
    if (prepayment->payment_id == payment_id) return *prepayment;
  }
  order.prepayments.push_back(std::make_unique<schema::OrderPrepaymentT>());
  order.prepayments.back()->payment_id = payment_id;
  return *order.prepayments.back();
}

}  // namespace

void fold_invoice_request(MutableState& order, const schema::InvoiceRequest* request) {
  if (request == nullptr) return;
  ++order.next_invoice;
  order.freight_invoiced += minor_of(request->freight());
  if (request->lines() == nullptr) return;
  for (const auto* share : *request->lines()) {
    auto* line = line_in(order, share->line());
    if (line == nullptr) continue;
    line->invoice_requested += milli_of(share->quantity());
    line->invoiced_gross += minor_of(share->gross());
    line->invoiced_discount += minor_of(share->discount());
    line->invoiced_net += minor_of(share->net());
    line->invoiced_tax += minor_of(share->tax());
  }
}

void fold(MutableState& order, const schema::OrderLinesInvoiced& event) {
  const std::int64_t sign = event.credited() ? -1 : 1;
  order.invoiced_total += sign * minor_of(event.total());
  const std::string invoice_id = text_of(event.invoice_id());
  if (event.credited()) {
    // A credit note without quantities leaves the invoice standing.
    const bool voided = event.lines() != nullptr && event.lines()->size() > 0;
    if (voided) std::erase(order.invoice_ids, invoice_id);
  } else {
    order.invoice_ids.push_back(invoice_id);
  }
  if (event.lines() != nullptr) {
    for (const auto* part : *event.lines()) {
      auto* line = line_in(order, part->line());
      if (line != nullptr) {
        line->invoiced =
            std::max<std::int64_t>(0, line->invoiced + sign * milli_of(part->quantity()));
      }
    }
  }
  if (event.allocations() == nullptr) return;
  for (const auto* use : *event.allocations()) {
    prepayment_in(order, text_of(use->payment_id())).allocated += minor_of(use->amount());
  }
}

void fold(MutableState& order, const schema::OrderPaymentRecorded& event) {
  const std::int64_t delta = minor_of(event.delta());
  const std::string payment_id = text_of(event.payment_id());
  if (event.prepayment()) {
    order.prepaid_total += delta;
    prepayment_in(order, payment_id).captured += delta;
    return;
  }
  order.paid_total += delta;
  for (const auto& prepayment : order.prepayments) {
    if (prepayment->payment_id == payment_id) prepayment->applied += delta;
  }
}

}  // namespace orderlog::engine::order
