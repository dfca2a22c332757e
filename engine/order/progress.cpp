// From the checks to the release: what an order does by itself once nothing is in its way. Must
// hold:
// 1. no approval before every check has passed; 2. no release and no shipment under a hold;
// 3. an approval is asked for once. Rules: domain.md 3.6, 4.8, 4.9, 4.12.
#include "engine/order/progress.h"

#include "engine/order/entry.h"
#include "engine/order/request.h"
#include "engine/order/schedule.h"
#include "engine/pricing/pricing.h"

namespace orderlog::engine::order {

namespace {

using schema::CheckKind;
using schema::HoldReason;
using schema::OrderLifecycle;

bool all_checks_passed(const Working& working) {
  if (!working.has_passed(CheckKind::Credit) || !working.has_passed(CheckKind::Duplicate)) {
    return false;
  }
  const bool referenced = !working.header().external_reference.empty();
  if (referenced && !working.has_passed(CheckKind::Reference)) return false;
  for (const LineLook& line : working.lines) {
    if (!line.stock_checked) return false;
  }
  return true;
}

// The lines with the dates that can be promised today.
std::vector<LinePtr> promised_lines(const Working& working) {
  std::vector<LinePtr> lines;
  lines.reserve(working.lines.size());
  for (const LineLook& look : working.lines) {
    lines.push_back(std::make_unique<schema::OrderLineT>(*look.state->terms));
    // The day on which stock can serve the line, as far as stock has said one.
    lines.back()->material_date = stored_day(look.available_from);
  }
  if (!schedule_order(working.header(), lines, working.context)) return lines;
  // No working day to be found: the dates of the submission stand.
  for (std::size_t i = 0; i < lines.size(); ++i) *lines[i] = *working.lines[i].state->terms;
  return lines;
}

std::vector<std::unique_ptr<schema::ReservationRequestT>> reserve_lines(
    Working& working, const std::vector<LinePtr>& lines) {
  std::vector<std::unique_ptr<schema::ReservationRequestT>> requests;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    LineLook& look = working.lines[i];
    const std::int64_t wanted = unclaimed_of(look);
    if (wanted == 0) continue;
    requests.push_back(std::make_unique<schema::ReservationRequestT>(reservation_for(
        working.header(), *lines[i], working.context.aggregate_id, wanted, look.released_total)));
    claim(look, wanted);
  }
  return requests;
}

void start_approval(Working& working) {
  const auto& order = working.order;
  const auto& totals = *order.totals;
  const bool breach = !order.price_breach.empty();
  auto tiers = approval_tiers(working.header().customer_grade, order.new_customer,
                              totals.base_total.minor(), breach, working.context.policy.approval);
  if (tiers.empty()) {
    approve(working, {});
  } else {
    require_approval(working, std::move(tiers), totals.base_total,
                     breach ? order.price_breach : "amount");
  }
}

}  // namespace

schema::CreditRequestT credit_request(const schema::OrderStateT& order, const Context& context) {
  std::vector<LinePtr> lines;
  for (const auto& line : order.lines) {
    lines.push_back(std::make_unique<schema::OrderLineT>(*line->terms));
  }
  auto request = credit_request_for(*order.header, lines, *order.totals);
  // Only what is not in the books of the credit account yet.
  const std::int64_t missing =
      order.totals->base_total.minor() - order.exposed_base - order.credit_left;
  request.amount = Money(std::max<std::int64_t>(0, missing), context.policy.base_currency);
  return request;
}

std::vector<std::unique_ptr<schema::ReservationRequestT>> reservation_requests(Working& working) {
  std::vector<LinePtr> lines;
  for (const LineLook& look : working.lines) {
    lines.push_back(std::make_unique<schema::OrderLineT>(*look.state->terms));
  }
  return reserve_lines(working, lines);
}

void approve(Working& working, std::string approval_id) {
  schema::OrderApprovedT event;
  event.approval_id = std::move(approval_id);
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(working.header(), working.today()));
  event.lines = promised_lines(working);
  event.totals = std::make_unique<schema::OrderTotalsT>(*working.order.totals);
  event.reservations = reserve_lines(working, event.lines);
  working.lifecycle = OrderLifecycle::Approved;
  working.approval_pending = false;
  working.add(std::move(event));
}

void release(Working& working) {
  working.lifecycle = OrderLifecycle::InFulfilment;
  working.add(schema::OrderReleasedT{});
}

void require_approval(Working& working, std::vector<schema::Role> tiers, const Money& amount,
                      std::string reason) {
  schema::OrderApprovalRequiredT event;
  event.version = working.next_version();
  event.approval_id =
      "order/" + std::string(working.context.aggregate_id) + "/" + std::to_string(event.version);
  event.tiers = std::move(tiers);
  event.amount = amount;
  event.requested_by = working.order.requested_by;
  event.customer_id = working.header().customer_id;
  event.reason = std::move(reason);
  if (working.approval_pending) event.superseded_approval_id = working.order.approval_id;
  working.approval_pending = true;
  working.add(std::move(event));
}

void progress(Working& working) {
  const bool ready = working.lifecycle == OrderLifecycle::Submitted && working.holds == 0 &&
                     !working.approval_pending && all_checks_passed(working);
  if (ready) start_approval(working);
  if (working.lifecycle == OrderLifecycle::Approved && working.holds == 0 &&
      working.context.policy.order.release_automatically) {
    release(working);
  }
  if (working.lifecycle == OrderLifecycle::InFulfilment) {
    plan_shipments(working);
    complete_if_done(working);
  }
}

}  // namespace orderlog::engine::order
