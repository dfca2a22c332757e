// The credit check of an order (domain.md 4.7) and the suspicion that it was sent twice (4.17). Of
// several reasons against an order, the first that check() meets is told.
#include "engine/credit/rules.h"
#include "events/base/calendar.h"

namespace orderlog::engine::credit {

namespace {

using schema::CreditReason;

// New is who has paid no order and was given no limit.
bool is_new_customer(const CreditAccount& account) {
  return account.orders_paid == 0 && !account.has_limit;
}

bool needs_cash_in_advance(const CreditAccount& account) {
  return account.grade == schema::Grade::D || account.grade == schema::Grade::E ||
         is_new_customer(account);
}

CreditReason check_age(const CreditAccount& account, Day day, const CreditPolicy& policy) {
  const ExposureLedger& exposures = account.exposures;
  if (day - exposures.oldest_due() > policy.oldest_open_item_days) {
    return CreditReason::OldestItemOverdue;
  }
  const auto overdue = static_cast<__int128>(exposures.items_due_before(day));
  if (overdue * ppm_whole >
      static_cast<__int128>(exposures.sums().open_invoice) * policy.overdue_share_max_ppm) {
    return CreditReason::OverdueShare;
  }
  if (exposures.highest_dunning_level() >= policy.dunning_level_blocks) {
    return CreditReason::DunningLevel;
  }
  return CreditReason::None;
}

// An order that ships beyond the horizon does not count yet, so it can't exceed the limit either.
CreditReason check_limit(const CreditAccount& account, const schema::ReserveCredit& command,
                         Day day, const CreditPolicy& policy) {
  const std::int64_t limit = account.has_limit ? account.limit.minor() : policy.unrated_limit_minor;
  const bool counts =
      !command.ship_date().has_value() || *command.ship_date() <= day + policy.horizon_days;
  const std::int64_t amount = counts ? command.amount()->minor() : 0;
  if (amount > 0 && exposure_at(account, day, policy) > limit - amount) {
    return CreditReason::LimitExceeded;
  }
  return CreditReason::None;
}

// An order paid in advance needs no credit; a blocked customer gets nothing all the same.
CreditReason check(const CreditAccount& account, const schema::ReserveCredit& command,
                   const Context& context) {
  const CreditPolicy& policy = context.policy.credit;
  const Day day = today(context);
  if (account.status == schema::CreditStatus::Blocked) return CreditReason::Blocked;
  if (command.prepaid()) return CreditReason::None;
  if (!account.has_limit && needs_cash_in_advance(account)) return CreditReason::NoLimit;
  if (account.has_limit && account.valid_until.has_value() && day > *account.valid_until) {
    return CreditReason::LimitExpired;
  }
  if (account.max_document.minor() > 0 &&
      command.amount()->minor() > account.max_document.minor()) {
    return CreditReason::DocumentTooLarge;
  }
  if (const auto reason = check_age(account, day, policy); reason != CreditReason::None) {
    return reason;
  }
  return check_limit(account, command, day, policy);
}

// The order with the same lines and total within the window; empty when there is none.
std::string_view duplicate_of(const CreditAccount& account, const schema::ReserveCredit& command,
                              const Context& context) {
  const std::int64_t window = context.policy.order.duplicate_window_seconds * us_per_second;
  if (command.line_fingerprint() == 0 || window == 0) return {};
  return account.recent_orders.find_like(command.line_fingerprint(), context.occurred_at, window,
                                         text(command.order_id()));
}

// The same request once more, with nothing given back in between.
bool is_repeat(const CreditAccount& account, const schema::ReserveCredit& command) {
  const auto* entry = account.exposures.find(text(command.order_id()));
  return entry != nullptr && command.amount()->minor() > 0 &&
         entry->asked_minor == command.amount()->minor() &&
         entry->asked_fingerprint == command.line_fingerprint();
}

schema::CreditRefusedT refused(const CreditAccount& account, const schema::ReserveCredit& command,
                               const Context& context, CreditReason reason,
                               std::string_view duplicate) {
  schema::CreditRefusedT event;
  event.order_id = text(command.order_id());
  event.amount = *command.amount();
  event.exposure = schema::Money(exposure_at(account, today(context), context.policy.credit),
                                 currency_of(account, context));
  event.limit = account.limit;
  event.reason = reason;
  event.grade = account.grade;
  event.duplicate_of = duplicate;
  event.line_fingerprint = command.line_fingerprint();
  return event;
}

schema::CreditReservedT granted(const CreditAccount& account, const schema::ReserveCredit& command,
                                const Context& context, std::string_view duplicate) {
  const Day day = today(context);
  const bool counts = !command.ship_date().has_value() ||
                      *command.ship_date() <= day + context.policy.credit.horizon_days;
  schema::CreditReservedT event;
  event.order_id = text(command.order_id());
  event.amount = *command.amount();
  event.exposure = schema::Money(
      exposure_at(account, day, context.policy.credit) + (counts ? command.amount()->minor() : 0),
      currency_of(account, context));
  event.limit = account.limit;
  event.grade = account.grade;
  event.new_customer = is_new_customer(account);
  event.duplicate_of = duplicate;
  event.line_fingerprint = command.line_fingerprint();
  event.ship_date = command.ship_date();
  event.overridden = command.overridden();
  return event;
}

}  // namespace

Day today(const Context& context) {
  const auto day = local_day(context.occurred_at, context.policy.time_zone);
  return day.ok() ? *day : utc_day(context.occurred_at);
}

std::int64_t exposure_at(const CreditAccount& account, Day today, const CreditPolicy& policy) {
  return account.exposures.sums().total() -
         account.exposures.open_orders_after(today + policy.horizon_days);
}

CreditDecision reserve(const CreditAccount& account, const schema::ReserveCredit& command,
                       const Context& context) {
  if (context.authority == schema::Authority::Normal) return engine_only();
  if (text(command.order_id()).empty()) {
    return reject(RejectionCode::InvalidArgument, "the order's id is empty", "/order_id");
  }
  if (command.amount() == nullptr || command.amount()->minor() < 0) {
    return reject(RejectionCode::InvalidArgument, "the amount is below zero", "/amount");
  }
  CreditDecision decision;
  if (is_repeat(account, command)) return decision;
  open_if_new(account, context, decision);
  const bool recorded = context.authority == schema::Authority::Import || command.overridden();
  // Who overrides the check has seen the suspicion, and the past is not suspected.
  const std::string_view duplicate =
      recorded ? std::string_view() : duplicate_of(account, command, context);
  CreditReason reason = recorded ? CreditReason::None : check(account, command, context);
  if (command.amount()->currency() != currency_of(account, context)) {
    reason = CreditReason::CurrencyMismatch;
  } else if (command.amount()->minor() > exposure_minor_max - account.exposures.sums().total() ||
             account.exposures.entries().size() >= open_orders_max) {
    reason = CreditReason::LimitExceeded;
  }
  if (reason == CreditReason::None) {
    decision.add(granted(account, command, context, duplicate));
  } else {
    decision.add(refused(account, command, context, reason, duplicate));
  }
  return decision;
}

}  // namespace orderlog::engine::credit
