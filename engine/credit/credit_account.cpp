#include "engine/credit/credit_account.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/packed_vectors.h"

namespace orderlog::engine {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

using Exposures = Offset<Vector<Offset<schema::OrderExposure>>>;
using OpenItems = Offset<Vector<Offset<schema::OpenItem>>>;
using RecentlySeen = Offset<Vector<Offset<schema::RecentOrder>>>;

schema::RecentOrderT stored_recent(std::string_view id, std::uint64_t fingerprint, TimestampUs at) {
  schema::RecentOrderT recent;
  recent.order_id = id;
  recent.line_fingerprint = fingerprint;
  recent.at = at;
  return recent;
}

Offset<schema::CreditState> pack(FlatBufferBuilder& builder, const CreditAccount& account,
                                 Exposures exposures, OpenItems items, RecentlySeen recent) {
  const auto reason = account.block_reason.empty() ? Offset<flatbuffers::String>()
                                                   : builder.CreateString(account.block_reason);
  const ExposureSums& sums = account.exposures.sums();
  return schema::CreateCreditState(builder, account.status, account.currency, &account.limit,
                                   account.has_limit, &account.max_document, account.valid_until,
                                   account.grade, sums.open_order, sums.open_delivery,
                                   sums.open_invoice, account.unapplied_minor, exposures, items,
                                   recent, account.orders_paid, reason);
}

// All that is known of one order; nothing when that is nothing.
std::optional<Offset<schema::CreditState>> pack_part(FlatBufferBuilder& builder,
                                                     const CreditAccount& account,
                                                     const std::string& order_id) {
  std::vector<schema::OrderExposureT> exposures;
  std::vector<schema::OpenItemT> items;
  if (const auto* entry = account.exposures.find(order_id)) exposures.push_back(*entry);
  const auto [begin, end] = account.exposures.items_of(order_id);
  for (auto item = begin; item != end; ++item) items.push_back(item->second);
  std::vector<schema::RecentOrderT> recent;
  account.recent_orders.for_each_of(order_id, [&](std::uint64_t fingerprint, TimestampUs at) {
    recent.push_back(stored_recent(order_id, fingerprint, at));
  });
  if (exposures.empty() && items.empty() && recent.empty()) return std::nullopt;
  const auto packed_exposures = pack_all<schema::OrderExposure>(builder, exposures, itself);
  const auto packed_items = pack_all<schema::OpenItem>(builder, items, itself);
  const auto packed_recent = pack_all<schema::RecentOrder>(builder, recent, itself);
  schema::CreditStateBuilder part(builder);
  part.add_exposures(packed_exposures);
  part.add_open_items(packed_items);
  part.add_recent_orders(packed_recent);
  return part.Finish();
}

}  // namespace

Offset<schema::CreditState> pack_state(FlatBufferBuilder& builder, const CreditAccount& account) {
  const auto exposures =
      pack_all<schema::OrderExposure>(builder, account.exposures.sorted_entries(), pointed_to);
  const auto items = pack_all<schema::OpenItem>(builder, account.exposures.items(), second_of);
  std::vector<schema::RecentOrderT> seen;
  account.recent_orders.for_each(
      [&](std::string_view id, std::uint64_t fingerprint, TimestampUs at) {
        seen.push_back(stored_recent(id, fingerprint, at));
      });
  const auto recent = pack_all<schema::RecentOrder>(builder, seen, itself);
  return pack(builder, account, exposures, items, recent);
}

Offset<schema::CreditState> pack_head(FlatBufferBuilder& builder, const CreditAccount& account) {
  return pack(builder, account, {}, {}, {});
}

void take_changed_parts(CreditAccount& account, FlatBufferBuilder& builder,
                        const PartVisit& visit) {
  std::vector<std::string> changed = account.exposures.take_changed();
  for (auto& id : account.recent_orders.take_changed()) changed.push_back(std::move(id));
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const std::string& id : changed) {
    builder.Clear();
    const auto part = pack_part(builder, account, id);
    if (!part) {
      visit(id, std::nullopt);
      continue;
    }
    builder.Finish(*part);
    visit(id, std::string_view(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                               builder.GetSize()));
  }
}

void add_part(CreditAccount& account, const schema::CreditState& part) {
  for_each(part.exposures(), [&](schema::OrderExposureT entry) {
    const std::string id = entry.order_id;
    account.exposures.change(id, [&](schema::OrderExposureT& made) { made = std::move(entry); });
  });
  for_each(part.open_items(), [&](schema::OpenItemT item) {
    account.exposures.add_item(item.order_id, item.invoice_id, item.due_date, item.minor);
    account.exposures.set_dunning_level(item.order_id, item.invoice_id, item.dunning_level);
  });
  for_each(part.recent_orders(), [&](schema::RecentOrderT recent) {
    account.recent_orders.remember(recent.order_id, recent.line_fingerprint, recent.at);
  });
  // As stored: nothing has changed.
  (void)account.exposures.take_changed();
  (void)account.recent_orders.take_changed();
}

std::size_t parts_bytes(const CreditAccount& account) {
  return account.exposures.entries().size() * ExposureLedger::entry_bytes +
         account.exposures.items().size() * ExposureLedger::item_bytes +
         account.recent_orders.size() * RecentOrders::order_bytes;
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
  add_part(account, stored);
}

ExposureSums recount(const CreditAccount& account) {
  ExposureSums sums;
  for (const auto& entry : account.exposures.entries()) sums.add(entry);
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
  for (const auto* entry : account.exposures.sorted_entries()) {
    if (entry->open_order < 0 || entry->open_delivery < 0 || entry->open_invoice < 0) {
      return "order " + entry->order_id + " has a bucket below zero";
    }
  }
  for (const auto& [id, item] : account.exposures.items()) items += item.minor;
  if (items > account.exposures.sums().open_invoice) {
    return "the open items are more than the invoice bucket";
  }
  return std::nullopt;
}

}  // namespace orderlog::engine
