#include <algorithm>

#include "engine/order/fold.h"

namespace orderlog::engine::order {

namespace {

using schema::CheckKind;
using schema::HoldReason;

void pass(MutableState& order, CheckKind kind) {
  if (std::find(order.passed.begin(), order.passed.end(), kind) == order.passed.end()) {
    order.passed.push_back(kind);
  }
}

void pass_stock(MutableState& order) {
  for (const auto& line : order.lines) line->stock_checked = true;
}

// Before events said how much was reserved, it was all that was not in the account's books yet.
void pass_credit(MutableState& order, const Money* reserved) {
  order.credit_reserved = true;
  if (is_stated(reserved)) {
    order.credit_left += reserved->minor();
    return;
  }
  if (!order.totals) return;
  order.credit_left =
      std::max<std::int64_t>(0, order.totals->base_total.minor() - order.exposed_base);
}

void grade(MutableState& order, schema::Grade grade, bool new_customer) {
  if (order.header && grade != schema::Grade::Unrated) order.header->customer_grade = grade;
  order.new_customer = new_customer;
}

}  // namespace

void fold(MutableState& order, const schema::OrderCheckPassed& event) {
  if (event.kinds() == nullptr) return;
  for (const auto kind : *event.kinds()) {
    pass(order, static_cast<CheckKind>(kind));
    switch (static_cast<CheckKind>(kind)) {
      case CheckKind::Credit:
        pass_credit(order, event.credit());
        grade(order, event.grade(), event.new_customer());
        break;
      case CheckKind::Stock:
        if (event.line() == 0) pass_stock(order);
        if (auto* line = line_in(order, event.line())) {
          line->stock_checked = true;
          if (event.earliest_date().has_value()) line->available_from = event.earliest_date();
        }
        break;
      case CheckKind::None:
      case CheckKind::Price:
      case CheckKind::Duplicate:
      case CheckKind::Reference:
        break;
    }
  }
}

void fold(MutableState& order, const schema::OrderCheckFailed& event) {
  switch (event.kind()) {
    case CheckKind::Credit:
      grade(order, event.grade(), event.new_customer());
      break;
    case CheckKind::Stock:
      if (auto* line = line_in(order, event.line())) drop_unanswered(*line);
      break;
    case CheckKind::None:
    case CheckKind::Price:
    case CheckKind::Duplicate:
    case CheckKind::Reference:
      break;
  }
}

void fold(MutableState& order, const schema::OrderHeld& event, const EventMeta& meta) {
  const HoldReason reason = event.reason();
  const bool known = std::find(order.holds.begin(), order.holds.end(), reason) != order.holds.end();
  if (!known) order.holds.push_back(reason);
  if (reason == HoldReason::Payment) {
    if (event.amount() != nullptr) order.prepayment_due = event.amount()->minor();
    order.payment_held_at = meta.occurred_at;
  }
  // Held once more for the same approval: it was refused.
  if (reason == HoldReason::Approval && known) order.approval_pending = false;
}

void fold(MutableState& order, const schema::OrderHoldReleased& event) {
  std::erase(order.holds, event.reason());
  switch (event.reason()) {
    case HoldReason::Stock:
      pass_stock(order);
      break;
    case HoldReason::DuplicateSuspected:
      pass(order, CheckKind::Duplicate);
      break;
    case HoldReason::Price:
      pass(order, CheckKind::Price);
      break;
    case HoldReason::Approval:
      order.approval_pending = false;
      if (order.totals) order.approved_total = order.totals->base_total.minor();
      break;
    case HoldReason::None:
    case HoldReason::Credit:
    case HoldReason::Fraud:
    case HoldReason::Payment:
    case HoldReason::Address:
    case HoldReason::Manual:
      break;
  }
  if (event.reservations() == nullptr) return;
  for (const auto* request : *event.reservations()) {
    auto* line = line_in(order, request->line());
    if (line != nullptr) claim(*line, milli_of(request->quantity()));
  }
}

void fold(MutableState& order, const schema::OrderApprovalRequired& event) {
  order.approval_id = text_of(event.approval_id());
  order.approval_pending = true;
}

void fold(MutableState& order, const schema::OrderApproved& event, const EventMeta& meta) {
  order.lifecycle = schema::OrderLifecycle::Approved;
  order.approval_pending = false;
  order.approved_at = meta.occurred_at;
  if (order.totals) order.approved_total = order.totals->base_total.minor();
  if (event.lines() != nullptr) {
    for (const auto* approved : *event.lines()) {
      auto* line = line_in(order, approved->line());
      if (line == nullptr) continue;
      line->terms->material_date = approved->material_date();
      line->terms->ship_by = approved->ship_by();
      line->terms->promised_date = approved->promised_date();
    }
  }
  if (event.reservations() == nullptr) return;
  for (const auto* request : *event.reservations()) {
    auto* line = line_in(order, request->line());
    if (line != nullptr) claim(*line, milli_of(request->quantity()));
  }
}

}  // namespace orderlog::engine::order
