// Invoices and payments as the order sees them (domain.md 3.7, 3.12, 4.18). Must hold: 1. an
// invoice counts once; 2. a prepayment settles the order's invoices before anything else does; 3. a
// payment hold ends when what is due has come.
#include <algorithm>

#include "engine/order/decide.h"
#include "engine/order/progress.h"
#include "engine/order/status.h"

namespace orderlog::engine::order {

namespace {

using schema::CheckKind;
using schema::HoldReason;
using schema::OrderLifecycle;

bool knows(const State& order, const std::string& invoice_id) {
  return std::find(order.invoice_ids.begin(), order.invoice_ids.end(), invoice_id) !=
         order.invoice_ids.end();
}

// Prepayments cover the invoice in the order in which they came.
std::vector<std::unique_ptr<schema::PrepaymentUseT>> use_prepayments(const State& order,
                                                                     const Money& total) {
  std::vector<std::unique_ptr<schema::PrepaymentUseT>> uses;
  std::int64_t due = total.minor();
  for (const auto& prepayment : order.prepayments) {
    const std::int64_t used = std::min(due, prepayment->captured - prepayment->allocated);
    if (used <= 0) continue;
    auto use = std::make_unique<schema::PrepaymentUseT>();
    use->payment_id = prepayment->payment_id;
    use->amount = Money(used, total.currency());
    uses.push_back(std::move(use));
    due -= used;
  }
  return uses;
}

// The quantities, cut to what can be invoiced (or taken back).
std::vector<std::unique_ptr<schema::ShippedQuantityT>> counted_lines(
    Working& working, const schema::RecordInvoiced& command) {
  std::vector<std::unique_ptr<schema::ShippedQuantityT>> lines;
  if (command.lines() == nullptr) return lines;
  for (const auto* part : *command.lines()) {
    LineLook* line = working.line(part->line());
    if (line == nullptr) continue;
    const std::int64_t room = command.credited() ? line->invoiced : live_of(*line) - line->invoiced;
    const std::int64_t quantity = std::clamp<std::int64_t>(milli_of(part->quantity()), 0, room);
    if (quantity == 0) continue;
    line->invoiced += command.credited() ? -quantity : quantity;
    auto counted = std::make_unique<schema::ShippedQuantityT>();
    counted->line = line->line;
    counted->quantity = Quantity(quantity);
    lines.push_back(std::move(counted));
  }
  return lines;
}

}  // namespace

OrderDecision decide_invoiced(const State& order, const schema::RecordInvoiced& command,
                              const Context& context) {
  const bool billed = is_committed(order.lifecycle) ||
                      order.lifecycle == OrderLifecycle::Completed ||
                      order.lifecycle == OrderLifecycle::ShortClosed;
  const std::string invoice_id = text_of(command.invoice_id());
  // Taken back what never counted, or heard before.
  if (!billed || knows(order, invoice_id) != command.credited()) return {};
  Working working(order, context);
  schema::OrderLinesInvoicedT event;
  event.invoice_id = invoice_id;
  event.total = command.total() == nullptr ? Money() : *command.total();
  event.credited = command.credited();
  event.lines = counted_lines(working, command);
  if (!event.credited && event.total.currency() == order.header->currency) {
    event.allocations = use_prepayments(order, event.total);
  }
  working.add(std::move(event));
  complete_if_done(working);
  return std::move(working.decision);
}

OrderDecision decide_payment(const State& order, const schema::RecordOrderPayment& command,
                             const Context& context) {
  const bool known =
      order.lifecycle != OrderLifecycle::None && order.lifecycle != OrderLifecycle::Draft;
  if (!known || command.delta() == nullptr || command.delta()->minor() == 0) return {};
  if (command.delta()->currency() != order.header->currency) return {};
  Working working(order, context);
  const std::int64_t delta = command.delta()->minor();
  schema::OrderPaymentRecordedT event;
  event.invoice_id = text_of(command.invoice_id());
  event.delta = *command.delta();
  event.prepayment = command.prepayment();
  event.payment_id = text_of(command.payment_id());
  const bool from_prepayment =
      !event.prepayment &&
      std::any_of(order.prepayments.begin(), order.prepayments.end(),
                  [&](const auto& known_one) { return known_one->payment_id == event.payment_id; });
  event.paid = Money(received_minor(order) + (from_prepayment ? 0 : delta), order.header->currency);
  working.add(std::move(event));

  const bool covered = command.prepayment() && working.held(HoldReason::Payment) &&
                       order.prepaid_total + delta >= order.prepayment_due;
  if (covered && (order.lifecycle == OrderLifecycle::Submitted || is_committed(order.lifecycle))) {
    schema::OrderHoldReleasedT released;
    released.reason = HoldReason::Payment;
    released.note = "paid in advance";
    released.customer_id = order.header->customer_id;
    if (!working.has_passed(CheckKind::Credit)) {
      released.credit = std::make_unique<schema::CreditRequestT>(credit_request(order, context));
      released.credit->prepaid = true;
    }
    working.holds &= ~bit(HoldReason::Payment);
    if (working.holds == 0) released.shipment_ids = working.waiting_shipments();
    working.add(std::move(released));
    progress(working);
  }
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
