// The way into the engine: draft, change, submit, or all in one step. Must hold: 1. a submitted
// order has lines with a quantity and a price, an address and an active customer; 2. it is
// submitted once;
// 3. an imported order is past all checks at once, because it has happened. Rules: domain.md 3.6.
#include "engine/order/entry.h"

#include <algorithm>

#include "engine/order/decide.h"
#include "engine/order/progress.h"
#include "engine/order/request.h"

namespace orderlog::engine::order {

namespace {

using schema::Authority;
using schema::CheckKind;
using schema::HoldReason;
using schema::OrderLifecycle;

std::optional<Rejection> check_submission(const schema::OrderHeaderT& header,
                                          const std::vector<LinePtr>& lines,
                                          const Context& context) {
  if (lines.empty()) {
    return Rejection{RejectionCode::InvalidArgument, "/lines", "an order has at least one line"};
  }
  if (auto problem = problem_of_customer(header, context)) return problem;
  if (context.authority == Authority::Import) return std::nullopt;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto* product = context.reference.product(lines[i]->product_id);
    if (product == nullptr || product->status != schema::ProductStatus::Active) {
      return Rejection{RejectionCode::InvalidTransition,
                       "/lines/" + std::to_string(i) + "/product_id",
                       "the product is not sold any more"};
    }
  }
  return std::nullopt;
}

std::vector<std::unique_ptr<schema::AvailabilityRequestT>> availability_of(
    const std::vector<LinePtr>& lines) {
  std::vector<std::unique_ptr<schema::AvailabilityRequestT>> wanted;
  wanted.reserve(lines.size());
  for (const auto& line : lines) {
    auto request = std::make_unique<schema::AvailabilityRequestT>();
    request->line = line->line;
    request->stock_item_id = stock_item_id(*line);
    request->quantity = line->quantity;
    request->material_date = line->material_date.value_or(0);
    wanted.push_back(std::move(request));
  }
  return wanted;
}

schema::OrderSubmittedT submitted_event(const schema::OrderHeaderT& header, const Priced& priced,
                                        const Context& context) {
  const bool import = context.authority == Authority::Import;
  schema::OrderSubmittedT event;
  event.header = std::make_unique<schema::OrderHeaderT>(header);
  for (const auto& line : priced.lines) {
    event.lines.push_back(std::make_unique<schema::OrderLineT>(*line));
  }
  event.totals = std::make_unique<schema::OrderTotalsT>(priced.totals);
  event.credit = std::make_unique<schema::CreditRequestT>(
      credit_request_for(header, priced.lines, priced.totals));
  event.credit->overridden = import;
  if (!import) event.availability = availability_of(priced.lines);
  event.price_breach = priced.breach;
  return event;
}

// What must have been paid before the order may go on (domain.md 4.18).
Result<Money> prepayment_of(const schema::OrderHeaderT& header, const schema::OrderTotalsT& totals,
                            const Policy& policy) {
  const std::int64_t share = header.payment_terms ? header.payment_terms->prepayment_ppm : 0;
  return fraction_of(totals.total, share, ppm_whole, policy.rounding_of(header.currency));
}

void add_holds(OrderDecision& decision, const schema::OrderHeaderT& header, const Priced& priced,
               const Context& context) {
  if (priced.stale) {
    schema::OrderHeldT held;
    held.reason = HoldReason::Price;
    held.detail = *priced.stale;
    decision.add(std::move(held));
  }
  const auto prepayment = prepayment_of(header, priced.totals, context.policy);
  if (prepayment && prepayment->minor() > 0) {
    schema::OrderHeldT held;
    held.reason = HoldReason::Payment;
    held.detail = "a prepayment of " + to_string(*prepayment) + " is due";
    held.amount = *prepayment;
    decision.add(std::move(held));
  }
}

// An import is past all checks: the past is recorded, not decided again.
void add_recorded_steps(OrderDecision& decision, const schema::OrderHeaderT& header,
                        const Priced& priced, const Context& context) {
  schema::OrderCheckPassedT passed;
  passed.kinds = {CheckKind::Price, CheckKind::Credit, CheckKind::Stock, CheckKind::Duplicate,
                  CheckKind::Reference};
  passed.detail = "import";
  passed.grade = header.customer_grade;
  passed.credit = priced.totals.base_total;
  decision.add(std::move(passed));

  schema::OrderApprovedT approved;
  approved.recorded_authority = Authority::Import;
  approved.dimensions = std::make_unique<schema::SalesDimensionsT>(
      dimensions_of(header, local_today(header, context)));
  approved.totals = std::make_unique<schema::OrderTotalsT>(priced.totals);
  for (const auto& line : priced.lines) {
    approved.lines.push_back(std::make_unique<schema::OrderLineT>(*line));
    approved.reservations.push_back(std::make_unique<schema::ReservationRequestT>(
        reservation_for(header, *line, context.aggregate_id, line->quantity.milli(), 0)));
  }
  decision.add(std::move(approved));
  decision.add(schema::OrderReleasedT{});
}

OrderDecision submit(const schema::OrderHeaderT& header, Priced priced, const Context& context) {
  if (auto problem = check_submission(header, priced.lines, context)) {
    return Rejected{std::move(*problem)};
  }
  if (auto problem = schedule_order(header, priced.lines, context)) {
    return Rejected{std::move(*problem)};
  }
  OrderDecision decision;
  decision.add(submitted_event(header, priced, context));
  if (context.authority == Authority::Import) {
    add_recorded_steps(decision, header, priced, context);
  } else {
    add_holds(decision, header, priced, context);
  }
  return decision;
}

}  // namespace

OrderDecision decide_place(const State& order, const schema::PlaceOrder& command,
                           const Context& context) {
  if (order.lifecycle != OrderLifecycle::None) {
    // The quote's own command, heard before.
    if (context.authority == Authority::System) return {};
    return reject(RejectionCode::AlreadyExists, "the order exists");
  }
  const auto header = complete_header(*command.header(), false, context);
  if (!header) return header.rejected();
  const auto requests = requests_of(command.lines(), "lines");
  if (!requests) return requests.rejected();
  auto priced = price_order(**header, *requests, context);
  if (!priced) return priced.rejected();
  return submit(**header, std::move(*priced), context);
}

OrderDecision decide_draft(const State& order, const schema::DraftOrder& command,
                           const Context& context) {
  if (order.lifecycle != OrderLifecycle::None) {
    return reject(RejectionCode::AlreadyExists, "the order exists");
  }
  auto header = complete_header(*command.header(), true, context);
  if (!header) return header.rejected();
  const auto requests = requests_of(command.lines(), "lines");
  if (!requests) return requests.rejected();
  auto priced = price_order(**header, *requests, context);
  if (!priced) return priced.rejected();
  schema::OrderDraftedT event;
  event.header = std::move(*header);
  event.lines = std::move(priced->lines);
  event.totals = std::make_unique<schema::OrderTotalsT>(std::move(priced->totals));
  OrderDecision decision;
  decision.add(std::move(event));
  return decision;
}

OrderDecision decide_submit(const State& order, const Context& context) {
  if (order.lifecycle != OrderLifecycle::Draft) return wrong_lifecycle(order, "submitting");
  // The prices stand as drafted; the rate and the role are judged now.
  Priced priced;
  for (const auto& line : order.lines) {
    priced.lines.push_back(std::make_unique<schema::OrderLineT>(*line->terms));
  }
  auto totals = total_of(*order.header, priced.lines, context);
  if (!totals) return totals.rejected();
  priced.totals = std::move(*totals);
  priced.stale = stale_rate(*order.header, priced.totals, context);
  priced.breach = breach_of(*order.header, priced.lines, context);
  return submit(*order.header, std::move(priced), context);
}

OrderDecision decide_change(const State& order, const schema::ChangeOrderLines& command,
                            const Context& context) {
  if (order.lifecycle != OrderLifecycle::Draft) return wrong_lifecycle(order, "changing lines");
  return change_lines(order, command, context);
}

}  // namespace orderlog::engine::order
