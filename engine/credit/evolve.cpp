// The fold of a credit account's events.
#include <algorithm>

#include "engine/aggregates.h"
#include "engine/credit/rules.h"

namespace orderlog::engine {

namespace {

using credit::text;
using schema::CreditEvent;
using schema::CreditStatus;
using schema::ExposureBucket;

std::int64_t minor(const schema::Money* amount) { return amount == nullptr ? 0 : amount->minor(); }

schema::Money value(const schema::Money* amount) {
  return amount == nullptr ? schema::Money() : *amount;
}

// Who is graded D or E is watched.
CreditStatus free_status(const CreditAccount& account) {
  return account.grade >= schema::Grade::D ? CreditStatus::Watch : CreditStatus::Active;
}

void fold(CreditAccount& account, const schema::CreditAccountOpened& event, const EventMeta&) {
  account.status = free_status(account);
  account.currency = event.currency();
}

void fold(CreditAccount& account, const schema::CreditLimitSet& event, const EventMeta&) {
  account.has_limit = true;
  account.limit = value(event.limit());
  account.max_document = value(event.max_document());
  account.valid_until = event.valid_until();
}

void fold(CreditAccount& account, const schema::CreditGraded& event, const EventMeta&) {
  account.grade = event.to();
  if (account.status != CreditStatus::Blocked) account.status = free_status(account);
}

void fold(CreditAccount& account, const schema::CreditReserved& event, const EventMeta& meta) {
  account.exposures.change(text(event.order_id()), [&](schema::OrderExposureT& entry) {
    entry.open_order += minor(event.amount());
    if (event.ship_date().has_value()) entry.ship_date = event.ship_date();
    entry.asked_minor = minor(event.amount());
    entry.asked_fingerprint = event.line_fingerprint();
  });
  account.recent_orders.remember(text(event.order_id()), event.line_fingerprint(),
                                 meta.occurred_at);
}

void fold(CreditAccount& account, const schema::CreditRefused& event, const EventMeta& meta) {
  account.recent_orders.remember(text(event.order_id()), event.line_fingerprint(),
                                 meta.occurred_at);
}

// An order that holds nothing any more and of which something was paid is a paid order.
void count_paid(CreditAccount& account, const schema::OrderExposureT& entry) {
  if (is_empty(entry) && entry.paid > 0) ++account.orders_paid;
}

// Which steps the move has gone ahead of, or was gone ahead of by.
void note_overtaking(schema::OrderExposureT& entry, const schema::ExposureMoved& event) {
  if (event.overtaken() > 0) {
    std::int64_t& ahead = event.to() == ExposureBucket::OpenDelivery ? entry.ahead_of_delivery
                                                                     : entry.ahead_of_invoice;
    ahead -= std::min(ahead, event.overtaken());
  }
  if (!event.overtakes()) return;
  if (event.from() == ExposureBucket::OpenOrder) entry.ahead_of_delivery += minor(event.amount());
  if (event.to() == ExposureBucket::None) entry.ahead_of_invoice += minor(event.amount());
}

void take_from(CreditAccount& account, const schema::ExposureMoved& event) {
  account.exposures.change(text(event.order_id()), [&](schema::OrderExposureT& entry) {
    note_overtaking(entry, event);
    std::int64_t& from = amount_in(entry, event.from());
    const std::int64_t taken = std::clamp<std::int64_t>(minor(event.amount()), 0, from);
    from -= taken;
    if (event.to() == ExposureBucket::None) {
      entry.paid += taken;
      count_paid(account, entry);
    } else {
      amount_in(entry, event.to()) += taken;
    }
  });
}

// A payment was taken back. The order's own count of payments has gone with its entry.
void owe_again(CreditAccount& account, const schema::ExposureMoved& event) {
  if (event.to() == ExposureBucket::None || minor(event.amount()) <= 0) return;
  const bool was_paid = account.exposures.find(text(event.order_id())) == nullptr;
  if (was_paid && account.orders_paid > 0) --account.orders_paid;
  account.exposures.change(text(event.order_id()), [&](schema::OrderExposureT& entry) {
    amount_in(entry, event.to()) += minor(event.amount());
    entry.paid -= std::min(entry.paid, minor(event.amount()));
  });
}

// No more open items of an order than its invoice bucket holds.
void trim_items(ExposureLedger& exposures, std::string_view order_id) {
  std::int64_t items = 0;
  for (auto at = exposures.items().lower_bound({std::string(order_id), std::string()});
       at != exposures.items().end() && at->first.first == order_id; ++at) {
    items += at->second.minor;
  }
  const auto* entry = exposures.find(order_id);
  const std::int64_t open = entry == nullptr ? 0 : entry->open_invoice;
  exposures.take_items(order_id, {}, items - open);
}

void fold(CreditAccount& account, const schema::ExposureMoved& event, const EventMeta&) {
  const auto is_bucket = [](ExposureBucket bucket) { return bucket <= ExposureBucket::MAX; };
  if (!is_bucket(event.from()) || !is_bucket(event.to()) || event.from() == event.to()) return;
  if (event.from() == ExposureBucket::None) {
    owe_again(account, event);
  } else {
    take_from(account, event);
  }
  const std::string_view order_id = text(event.order_id());
  if (event.from() == ExposureBucket::OpenInvoice) {
    account.exposures.take_items(order_id, text(event.invoice_id()), minor(event.amount()));
  }
  if (event.to() == ExposureBucket::OpenInvoice && event.due_date().has_value() &&
      minor(event.amount()) > 0) {
    account.exposures.add_item(order_id, text(event.invoice_id()), *event.due_date(),
                               minor(event.amount()));
  }
  trim_items(account.exposures, order_id);
}

void fold(CreditAccount& account, const schema::CreditReleased& event, const EventMeta&) {
  account.exposures.change(text(event.order_id()), [&](schema::OrderExposureT& entry) {
    entry.open_order -= std::clamp<std::int64_t>(minor(event.amount()), 0, entry.open_order);
    // An order that was given up is no reason to suspect the next one like it.
    if (entry.open_order == 0) account.recent_orders.forget(text(event.order_id()));
    entry.asked_minor = 0;
    entry.asked_fingerprint = 0;
    count_paid(account, entry);
  });
}

void fold(CreditAccount& account, const schema::CustomerBlocked& event, const EventMeta&) {
  account.status = CreditStatus::Blocked;
  account.block_reason = text(event.reason());
}

void fold(CreditAccount& account, const schema::CustomerUnblocked&, const EventMeta&) {
  account.status = free_status(account);
  account.block_reason.clear();
}

void fold(CreditAccount& account, const schema::DunningRecorded& event, const EventMeta&) {
  account.exposures.set_dunning_level(text(event.order_id()), text(event.invoice_id()),
                                      event.level());
}

void fold(CreditAccount& account, const schema::CreditBalanceChanged& event, const EventMeta&) {
  account.unapplied_minor =
      std::max<std::int64_t>(account.unapplied_minor + minor(event.delta()), 0);
}

}  // namespace

void evolve(CreditAccount& account, const schema::CreditEvents& events, const EventMeta& meta) {
  switch (events.event_type()) {
    case CreditEvent::CreditAccountOpened:
      return fold(account, *events.event_as_CreditAccountOpened(), meta);
    case CreditEvent::CreditLimitSet:
      return fold(account, *events.event_as_CreditLimitSet(), meta);
    case CreditEvent::CreditGraded:
      return fold(account, *events.event_as_CreditGraded(), meta);
    case CreditEvent::CreditReserved:
      return fold(account, *events.event_as_CreditReserved(), meta);
    case CreditEvent::CreditRefused:
      return fold(account, *events.event_as_CreditRefused(), meta);
    case CreditEvent::ExposureMoved:
      return fold(account, *events.event_as_ExposureMoved(), meta);
    case CreditEvent::CreditReleased:
      return fold(account, *events.event_as_CreditReleased(), meta);
    case CreditEvent::CustomerBlocked:
      return fold(account, *events.event_as_CustomerBlocked(), meta);
    case CreditEvent::CustomerUnblocked:
      return fold(account, *events.event_as_CustomerUnblocked(), meta);
    case CreditEvent::CreditBalanceChanged:
      return fold(account, *events.event_as_CreditBalanceChanged(), meta);
    case CreditEvent::DunningRecorded:
      return fold(account, *events.event_as_DunningRecorded(), meta);
    case CreditEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine
