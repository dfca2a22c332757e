// An order's amount on its way through the buckets (domain.md 3.16): open order, open delivery,
// open invoice, paid. Steps of one order reach the account from different places and may overtake
// each other. So a step takes first what is in its own bucket and then what has not left the
// buckets before it, and never more than is there. What it took along counts for the steps that it
// overtook: they find that much done already. So no amount is counted twice, and none is stuck.
#include <algorithm>
#include <array>

#include "engine/credit/rules.h"

namespace orderlog::engine::credit {

namespace {

using schema::ExposureBucket;

bool is_bucket(ExposureBucket bucket) {
  return bucket >= ExposureBucket::None && bucket <= ExposureBucket::MAX;
}

schema::ExposureMovedT moved(const schema::ShiftExposure& command, ExposureBucket from,
                             std::int64_t minor) {
  schema::ExposureMovedT event;
  event.order_id = text(command.order_id());
  event.from = from;
  event.to = command.to();
  event.amount = schema::Money(minor, command.amount()->currency());
  event.invoice_id = text(command.invoice_id());
  event.due_date = command.due_date();
  return event;
}

// What later steps have done of this one.
std::int64_t done_ahead(const schema::OrderExposureT& entry, const schema::ShiftExposure& command) {
  const ExposureBucket to = command.to();
  const std::int64_t ahead = to == ExposureBucket::OpenDelivery  ? entry.ahead_of_delivery
                             : to == ExposureBucket::OpenInvoice ? entry.ahead_of_invoice
                                                                 : 0;
  return std::min(ahead, command.amount()->minor());
}

// The bucket itself, then those before it, nearest first; a step back takes from its own only.
void take_from_buckets(const schema::OrderExposureT& entry, const schema::ShiftExposure& command,
                       CreditDecision& decision) {
  const bool forward = command.to() == ExposureBucket::None || command.to() > command.from();
  const std::int64_t overtaken = forward ? done_ahead(entry, command) : 0;
  if (overtaken > 0) {
    auto event = moved(command, command.from(), 0);
    event.overtaken = overtaken;
    decision.add(std::move(event));
  }
  std::int64_t rest = command.amount()->minor() - overtaken;
  for (auto bucket = command.from(); bucket != ExposureBucket::None && rest > 0;
       bucket = static_cast<ExposureBucket>(static_cast<int>(bucket) - 1)) {
    const std::int64_t taken = std::min(rest, amount_in(entry, bucket));
    if (taken > 0) {
      auto event = moved(command, bucket, taken);
      event.overtakes = bucket != command.from();
      decision.add(std::move(event));
    }
    rest -= taken;
    if (!forward) return;
  }
}

}  // namespace

CreditDecision shift(const CreditAccount& account, const schema::ShiftExposure& command,
                     const Context& context) {
  if (context.authority == schema::Authority::Normal) return engine_only();
  if (text(command.order_id()).empty()) {
    return reject(RejectionCode::InvalidArgument, "the order's id is empty", "/order_id");
  }
  if (!is_bucket(command.from()) || !is_bucket(command.to()) || command.from() == command.to()) {
    return reject(RejectionCode::InvalidArgument, "an amount moves from one bucket to another",
                  "/to");
  }
  if (command.amount() == nullptr || command.amount()->minor() < 0) {
    return reject(RejectionCode::InvalidArgument, "the amount is below zero", "/amount");
  }
  if (command.amount()->currency() != currency_of(account, context)) {
    return reject(RejectionCode::CurrencyMismatch, "the account is kept in another currency",
                  "/amount");
  }
  CreditDecision decision;
  if (command.amount()->minor() == 0) return decision;
  if (command.from() == ExposureBucket::None) {
    // Money that was paid is owed again.
    if (command.amount()->minor() > exposure_minor_max - account.exposures.sums().total()) {
      return reject(RejectionCode::Overflow, "more than the account can hold", "/amount");
    }
    open_if_new(account, context, decision);
    decision.add(moved(command, ExposureBucket::None, command.amount()->minor()));
    return decision;
  }
  const auto* entry = account.exposures.find(text(command.order_id()));
  if (entry != nullptr) take_from_buckets(*entry, command, decision);
  return decision;
}

CreditDecision release(const CreditAccount& account, const schema::ReleaseCredit& command,
                       const Context& context) {
  if (context.authority == schema::Authority::Normal) return engine_only();
  // Nothing of some currency is nothing; only an amount that is not there means all.
  const auto* amount = command.amount();
  const bool all =
      amount == nullptr || (amount->minor() == 0 && amount->currency() == schema::Currency::None);
  if (!all && amount->minor() < 0) {
    return reject(RejectionCode::InvalidArgument, "the amount is below zero", "/amount");
  }
  if (!all && amount->currency() != currency_of(account, context)) {
    return reject(RejectionCode::CurrencyMismatch, "the account is kept in another currency",
                  "/amount");
  }
  CreditDecision decision;
  const auto* entry = account.exposures.find(text(command.order_id()));
  if (entry == nullptr) return decision;
  const std::int64_t released =
      all ? entry->open_order : std::min(amount->minor(), entry->open_order);
  if (released == 0) return decision;
  schema::CreditReleasedT event;
  event.order_id = entry->order_id;
  event.amount = schema::Money(released, account.currency);
  decision.add(std::move(event));
  return decision;
}

}  // namespace orderlog::engine::credit
