#include "engine/credit/credit_account.h"

#include <vector>

namespace orderlog::engine {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

template <class Table, class Container, class ElementOf>
Offset<Vector<Offset<Table>>> pack_all(FlatBufferBuilder& builder, const Container& container,
                                       ElementOf element_of) {
  if (container.empty()) return 0;
  std::vector<Offset<Table>> packed;
  packed.reserve(container.size());
  for (const auto& item : container) packed.push_back(Table::Pack(builder, &element_of(item)));
  return builder.CreateVector(packed);
}

template <class Table, class Take>
void for_each(const Vector<Offset<Table>>* stored, Take take) {
  if (stored == nullptr) return;
  for (const auto* table : *stored) {
    typename Table::NativeTableType native;
    table->UnPackTo(&native);
    take(std::move(native));
  }
}

const auto second_of = [](const auto& pair) -> const auto& { return pair.second; };
const auto itself = [](const auto& item) -> const auto& { return item; };

}  // namespace

Offset<schema::CreditState> pack_state(FlatBufferBuilder& builder, const CreditAccount& account) {
  const auto exposures =
      pack_all<schema::OrderExposure>(builder, account.exposures.entries(), second_of);
  const auto items = pack_all<schema::OpenItem>(builder, account.exposures.items(), second_of);
  const auto recent = pack_all<schema::RecentOrder>(builder, account.recent_orders, itself);
  const auto reason = account.block_reason.empty() ? flatbuffers::Offset<flatbuffers::String>()
                                                   : builder.CreateString(account.block_reason);
  const ExposureSums& sums = account.exposures.sums();
  return schema::CreateCreditState(builder, account.status, account.currency, &account.limit,
                                   account.has_limit, &account.max_document, account.valid_until,
                                   account.grade, sums.open_order, sums.open_delivery,
                                   sums.open_invoice, account.unapplied_minor, exposures, items,
                                   recent, account.orders_paid, reason);
}

void unpack_state(CreditAccount& account, const schema::CreditState& stored) {
  account = CreditAccount{};
  account.status = stored.status();
  account.currency = stored.currency();
  account.grade = stored.grade();
  account.has_limit = stored.has_limit();
  if (stored.limit() != nullptr) account.limit = *stored.limit();
  if (stored.max_document() != nullptr) account.max_document = *stored.max_document();
  account.valid_until = stored.valid_until();
  account.block_reason = flatbuffers::GetString(stored.block_reason());
  account.unapplied_minor = stored.unapplied_minor();
  account.orders_paid = stored.orders_paid();
  for_each(stored.exposures(), [&](schema::OrderExposureT entry) {
    const std::string id = entry.order_id;
    account.exposures.change(id, [&](schema::OrderExposureT& made) { made = std::move(entry); });
  });
  for_each(stored.open_items(), [&](schema::OpenItemT item) {
    account.exposures.add_item(item.order_id, item.invoice_id, item.due_date, item.minor);
  });
  for_each(stored.recent_orders(), [&](schema::RecentOrderT recent) {
    account.recent_orders.push_back(std::move(recent));
  });
}

ExposureSums recount(const CreditAccount& account) {
  ExposureSums sums;
  for (const auto& [id, entry] : account.exposures.entries()) sums.add(entry);
  return sums;
}

ExposureSums recount(const schema::CreditState& stored) {
  ExposureSums sums;
  for_each(stored.exposures(), [&](schema::OrderExposureT entry) { sums.add(entry); });
  return sums;
}

std::optional<std::string> find_discrepancy(const CreditAccount& account) {
  if (!(recount(account) == account.exposures.sums())) {
    return "the exposure is not the sum of the orders'";
  }
  if (account.unapplied_minor < 0) return "the unapplied credit is below zero";
  std::int64_t items = 0;
  for (const auto& [id, entry] : account.exposures.entries()) {
    if (entry.open_order < 0 || entry.open_delivery < 0 || entry.open_invoice < 0) {
      return "order " + id + " has a bucket below zero";
    }
  }
  for (const auto& [id, item] : account.exposures.items()) items += item.minor;
  if (items > account.exposures.sums().open_invoice) {
    return "the open items are more than the invoice bucket";
  }
  return std::nullopt;
}

}  // namespace orderlog::engine
