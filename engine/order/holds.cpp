// Holds, release and refusal by people (domain.md 3.6). Must hold: 1. a hold is released only by
// who has the right to its reason; 2. nothing is released to the warehouse under a hold; 3. a
// credit hold that is released asks the credit account again, with the override on record.
#include <algorithm>

#include "engine/order/decide.h"
#include "engine/order/progress.h"

namespace orderlog::engine::order {

namespace {

using schema::HoldReason;
using schema::OrderLifecycle;
using schema::Role;

bool is_lead(Role role) {
  return role == Role::SalesManager || role == Role::Manager || role == Role::Director ||
         role == Role::Board || role == Role::Admin;
}
bool is_money(Role role) {
  return role == Role::CreditOfficer || role == Role::Finance || role == Role::Director ||
         role == Role::Board || role == Role::Admin;
}

bool may_release(Role role, HoldReason reason) {
  switch (reason) {
    case HoldReason::Credit:
    case HoldReason::Payment:
    case HoldReason::Fraud:
      return is_money(role);
    case HoldReason::Price:
      return is_lead(role) || role == Role::Finance;
    case HoldReason::Approval:
      return role == Role::Director || role == Role::Board || role == Role::Admin;
    case HoldReason::Stock:
    case HoldReason::Address:
    case HoldReason::DuplicateSuspected:
    case HoldReason::Manual:
      return role != Role::None;
    case HoldReason::None:
      return false;
  }
  return false;
}

bool may_hold(OrderLifecycle lifecycle) {
  return lifecycle == OrderLifecycle::Submitted || is_committed(lifecycle);
}

bool may_be_placed(HoldReason reason) {
  return reason > HoldReason::None && reason < HoldReason::Approval;
}

std::string name_of(HoldReason reason) { return schema::EnumNameHoldReason(reason); }

}  // namespace

OrderDecision decide_reject(const State& order, const schema::RejectOrder& command,
                            const Context&) {
  if (order.lifecycle != OrderLifecycle::Submitted) return wrong_lifecycle(order, "rejecting");
  if (!has_text(command.reason())) return missing("reason");
  schema::OrderRejectedT event;
  event.reason = text_of(command.reason());
  event.customer_id = order.header->customer_id;
  if (order.approval_pending) event.approval_id = order.approval_id;
  event.credit_reserved = order.credit_reserved;
  event.external_reference = order.header->external_reference;
  OrderDecision decision;
  decision.add(std::move(event));
  return decision;
}

OrderDecision decide_release(const State& order, const Context& context) {
  if (order.lifecycle != OrderLifecycle::Approved) return wrong_lifecycle(order, "releasing");
  if (!order.holds.empty()) {
    return reject(RejectionCode::InvalidTransition,
                  "the order is on hold: " + name_of(order.holds.front()));
  }
  Working working(order, context);
  release(working);
  progress(working);
  return std::move(working.decision);
}

OrderDecision decide_place_hold(const State& order, const schema::PlaceHold& command,
                                const Context& context) {
  if (!may_hold(order.lifecycle)) return wrong_lifecycle(order, "holding");
  if (!may_be_placed(command.reason())) {
    return reject(RejectionCode::InvalidArgument, "this reason cannot be given by hand", "/reason");
  }
  Working working(order, context);
  if (working.held(command.reason())) {
    return reject(RejectionCode::InvalidTransition,
                  "the order is already on hold: " + name_of(command.reason()));
  }
  working.hold(command.reason(), text_of(command.note()));
  return std::move(working.decision);
}

OrderDecision decide_release_hold(const State& order, const schema::ReleaseHold& command,
                                  const Context& context) {
  if (!may_hold(order.lifecycle)) return wrong_lifecycle(order, "releasing a hold");
  const HoldReason reason = command.reason();
  Working working(order, context);
  if (!working.held(reason)) {
    return reject(RejectionCode::InvalidTransition, "the order is not on hold for this reason",
                  "/reason");
  }
  if (context.authority == schema::Authority::Normal && !may_release(context.role, reason)) {
    return reject(RejectionCode::Forbidden, std::string("a hold of kind ") + name_of(reason) +
                                                " is not released by " +
                                                schema::EnumNameRole(context.role));
  }
  if (reason == HoldReason::Approval && order.approval_pending) {
    return reject(RejectionCode::InvalidTransition, "the approval has not been answered yet");
  }
  working.holds &= ~bit(reason);
  schema::OrderHoldReleasedT event;
  event.reason = reason;
  event.note = text_of(command.note());
  event.customer_id = order.header->customer_id;
  if (reason == HoldReason::Credit || reason == HoldReason::Payment) {
    auto request = credit_request(order, context);
    request.overridden = true;
    if (request.amount.minor() > 0 || !working.has_passed(schema::CheckKind::Credit)) {
      event.credit = std::make_unique<schema::CreditRequestT>(std::move(request));
    }
  }
  if (reason == HoldReason::Stock) {
    for (LineLook& line : working.lines) line.stock_checked = true;
    if (is_committed(order.lifecycle)) event.reservations = reservation_requests(working);
  }
  if (reason == HoldReason::DuplicateSuspected) {
    working.passed |= bit(schema::CheckKind::Duplicate);
  }
  if (working.holds == 0) event.shipment_ids = working.waiting_shipments();
  working.add(std::move(event));
  progress(working);
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
