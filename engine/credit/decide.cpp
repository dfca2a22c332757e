// The decider of credit accounts: one writer for each customer (domain.md 3.16, 4.7, P9). Must
// hold: an order's amount is in exactly one bucket; no bucket and no unapplied credit is below
// zero.
#include "engine/aggregates.h"
#include "engine/credit/rules.h"
#include "events/base/currency.h"

namespace orderlog::engine {

namespace credit {

schema::Currency currency_of(const CreditAccount& account, const Context& context) {
  return account.status == schema::CreditStatus::None ? context.policy.base_currency
                                                      : account.currency;
}

void open_if_new(const CreditAccount& account, const Context& context, CreditDecision& decision) {
  if (account.status != schema::CreditStatus::None) return;
  schema::CreditAccountOpenedT event;
  event.currency = context.policy.base_currency;
  decision.add(std::move(event));
}

namespace {

using schema::CreditStatus;

Rejected no_account() {
  return reject(RejectionCode::NotFound, "no credit account of this customer");
}

CreditDecision open(const CreditAccount& account, const schema::OpenCreditAccount& command,
                    const Context& context) {
  if (context.authority == schema::Authority::Normal) return engine_only();
  CreditDecision decision;
  if (account.status != CreditStatus::None) return decision;
  schema::CreditAccountOpenedT event;
  event.currency = command.currency() == schema::Currency::None ? context.policy.base_currency
                                                                : command.currency();
  if (!is_known(event.currency)) {
    return reject(RejectionCode::InvalidArgument, "unknown currency", "/currency");
  }
  decision.add(std::move(event));
  return decision;
}

bool is_same(const schema::Money& a, const schema::Money& b) {
  return a.minor() == b.minor() && (a.minor() == 0 || a.currency() == b.currency());
}

CreditDecision set_limit(const CreditAccount& account, const schema::SetCreditLimit& command) {
  if (account.status == CreditStatus::None) return no_account();
  if (command.limit() == nullptr || command.limit()->minor() < 0 ||
      command.limit()->minor() > exposure_minor_max) {
    return reject(RejectionCode::InvalidArgument, "a limit is zero or above", "/limit");
  }
  if (command.limit()->currency() != account.currency) {
    return reject(RejectionCode::CurrencyMismatch, "the account is kept in another currency",
                  "/limit");
  }
  schema::CreditLimitSetT event;
  event.limit = *command.limit();
  event.valid_until = command.valid_until();
  if (command.max_document() != nullptr) event.max_document = *command.max_document();
  if (event.max_document.minor() < 0) {
    return reject(RejectionCode::InvalidArgument, "the largest document is zero (none) or above",
                  "/max_document");
  }
  if (event.max_document.minor() > 0 && event.max_document.currency() != account.currency) {
    return reject(RejectionCode::CurrencyMismatch, "the account is kept in another currency",
                  "/max_document");
  }
  if (event.valid_until.has_value() &&
      (*event.valid_until < day_min || *event.valid_until > day_max)) {
    return reject(RejectionCode::InvalidArgument, "there is no such day", "/valid_until");
  }
  CreditDecision decision;
  const bool unchanged = account.has_limit && is_same(event.limit, account.limit) &&
                         is_same(event.max_document, account.max_document) &&
                         event.valid_until == account.valid_until;
  if (!unchanged) decision.add(std::move(event));
  return decision;
}

CreditDecision grade(const CreditAccount& account, const schema::GradeCustomer& command) {
  if (account.status == CreditStatus::None) return no_account();
  if (command.grade() < schema::Grade::MIN || command.grade() > schema::Grade::MAX) {
    return reject(RejectionCode::InvalidArgument, "no such grade", "/grade");
  }
  CreditDecision decision;
  if (command.grade() == account.grade) return decision;
  schema::CreditGradedT event;
  event.from = account.grade;
  event.to = command.grade();
  event.reason = text(command.reason());
  decision.add(std::move(event));
  return decision;
}

// Blocking twice, or unblocking who is not blocked: refused to a person, nothing to the engine.
template <class EventT>
CreditDecision set_blocked(const CreditAccount& account, bool blocked, std::string_view reason,
                           const Context& context) {
  const bool is_blocked = account.status == CreditStatus::Blocked;
  if (context.authority == schema::Authority::Normal) {
    if (account.status == CreditStatus::None) return no_account();
    if (is_blocked == blocked) {
      return reject(RejectionCode::InvalidTransition,
                    blocked ? "the customer is blocked already" : "the customer is not blocked");
    }
    if (reason.empty()) return reject(RejectionCode::InvalidArgument, "say why", "/reason");
  }
  CreditDecision decision;
  if (is_blocked == blocked) return decision;
  open_if_new(account, context, decision);
  EventT event;
  event.reason = reason;
  decision.add(std::move(event));
  return decision;
}

CreditDecision change_balance(const CreditAccount& account,
                              const schema::ChangeCreditBalance& command, const Context& context) {
  if (context.authority == schema::Authority::Normal) return engine_only();
  if (command.delta() == nullptr || command.delta()->minor() < -exposure_minor_max ||
      command.delta()->minor() > exposure_minor_max - account.unapplied_minor) {
    return reject(RejectionCode::Overflow, "more than the account can hold", "/delta");
  }
  CreditDecision decision;
  // What falls below zero was told before it rose: there is nothing more to take.
  const std::int64_t delta = std::max(command.delta()->minor(), -account.unapplied_minor);
  if (delta == 0) return decision;
  if (command.delta()->currency() != currency_of(account, context)) {
    return reject(RejectionCode::CurrencyMismatch, "the account is kept in another currency",
                  "/delta");
  }
  open_if_new(account, context, decision);
  schema::CreditBalanceChangedT event;
  event.delta = schema::Money(delta, command.delta()->currency());
  event.balance = schema::Money(account.unapplied_minor + delta, command.delta()->currency());
  event.payment_id = text(command.payment_id());
  decision.add(std::move(event));
  return decision;
}

// An invoice that is paid by now, or was dunned as far before, is no news.
CreditDecision record_dunning(const CreditAccount& account, const schema::RecordDunning& command,
                              const Context& context) {
  if (context.authority == schema::Authority::Normal) return engine_only();
  CreditDecision decision;
  const auto& items = account.exposures.items();
  const auto item = items.find({command.order_id()->str(), command.invoice_id()->str()});
  if (item == items.end() || command.level() <= item->second.dunning_level) return decision;
  schema::DunningRecordedT event;
  event.order_id = text(command.order_id());
  event.invoice_id = text(command.invoice_id());
  event.level = command.level();
  decision.add(std::move(event));
  return decision;
}

}  // namespace
}  // namespace credit

Decision<schema::CreditEventUnion> decide(const CreditAccount& account,
                                          const schema::CreditCommands& commands,
                                          const Context& context) {
  using schema::CreditCommand;
  switch (commands.command_type()) {
    case CreditCommand::OpenCreditAccount:
      return credit::open(account, *commands.command_as_OpenCreditAccount(), context);
    case CreditCommand::SetCreditLimit:
      return credit::set_limit(account, *commands.command_as_SetCreditLimit());
    case CreditCommand::GradeCustomer:
      return credit::grade(account, *commands.command_as_GradeCustomer());
    case CreditCommand::ReserveCredit:
      return credit::reserve(account, *commands.command_as_ReserveCredit(), context);
    case CreditCommand::ShiftExposure:
      return credit::shift(account, *commands.command_as_ShiftExposure(), context);
    case CreditCommand::ReleaseCredit:
      return credit::release(account, *commands.command_as_ReleaseCredit(), context);
    case CreditCommand::BlockCustomer:
      return credit::set_blocked<schema::CustomerBlockedT>(
          account, true, credit::text(commands.command_as_BlockCustomer()->reason()), context);
    case CreditCommand::UnblockCustomer:
      return credit::set_blocked<schema::CustomerUnblockedT>(
          account, false, credit::text(commands.command_as_UnblockCustomer()->reason()), context);
    case CreditCommand::ChangeCreditBalance:
      return credit::change_balance(account, *commands.command_as_ChangeCreditBalance(), context);
    case CreditCommand::RecordDunning:
      return credit::record_dunning(account, *commands.command_as_RecordDunning(), context);
    case CreditCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a credit account");
}

std::optional<TimestampUs> next_deadline(const CreditAccount&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
