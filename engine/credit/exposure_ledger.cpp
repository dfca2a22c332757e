#include "engine/credit/exposure_ledger.h"

#include <algorithm>
#include <vector>

#include "events/base/ensure.h"

namespace orderlog::engine {

namespace {

void add_on(std::map<Day, std::int64_t>& sums, Day day, std::int64_t minor) {
  if (minor == 0) return;
  const auto at = sums.try_emplace(day, 0).first;
  at->second += minor;
  if (at->second == 0) sums.erase(at);
}

}  // namespace

void ExposureSums::add(const schema::OrderExposureT& entry) {
  open_order += entry.open_order;
  open_delivery += entry.open_delivery;
  open_invoice += entry.open_invoice;
}

void ExposureSums::take(const schema::OrderExposureT& entry) {
  open_order -= entry.open_order;
  open_delivery -= entry.open_delivery;
  open_invoice -= entry.open_invoice;
}

bool is_empty(const schema::OrderExposureT& entry) {
  return entry.open_order == 0 && entry.open_delivery == 0 && entry.open_invoice == 0;
}

std::int64_t& amount_in(schema::OrderExposureT& entry, schema::ExposureBucket bucket) {
  ORDERLOG_ENSURE(bucket != schema::ExposureBucket::None, "None is no bucket");
  if (bucket == schema::ExposureBucket::OpenOrder) return entry.open_order;
  return bucket == schema::ExposureBucket::OpenDelivery ? entry.open_delivery : entry.open_invoice;
}

std::int64_t amount_in(const schema::OrderExposureT& entry, schema::ExposureBucket bucket) {
  return amount_in(const_cast<schema::OrderExposureT&>(entry), bucket);
}

ExposureLedger::ExposureLedger(const ExposureLedger& other)
    : entries_(other.entries_),
      items_(other.items_),
      sums_(other.sums_),
      by_ship_date_(other.by_ship_date_),
      by_due_(other.by_due_),
      by_dunning_level_(other.by_dunning_level_),
      changed_(other.changed_) {
  for (const auto& entry : entries_) by_order_.insert(entry);
}

const schema::OrderExposureT& ExposureLedger::add_entry(std::string_view order_id) {
  schema::OrderExposureT made;
  made.order_id = order_id;
  entries_.push_back(std::move(made));
  by_order_.insert(entries_.back());
  return entries_.back();
}

std::vector<const schema::OrderExposureT*> ExposureLedger::sorted_entries() const {
  std::vector<const schema::OrderExposureT*> sorted;
  sorted.reserve(entries_.size());
  for (const auto& entry : entries_) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->order_id < b->order_id; });
  return sorted;
}

void ExposureLedger::index(const schema::OrderExposureT& entry) {
  sums_.add(entry);
  if (entry.ship_date.has_value()) add_on(by_ship_date_, *entry.ship_date, entry.open_order);
}

void ExposureLedger::unindex(const schema::OrderExposureT& entry) {
  sums_.take(entry);
  if (entry.ship_date.has_value()) add_on(by_ship_date_, *entry.ship_date, -entry.open_order);
}

void ExposureLedger::add_item(std::string_view order_id, std::string_view invoice_id, Day due,
                              std::int64_t minor) {
  if (minor <= 0) return;
  const auto [at, is_new] =
      items_.try_emplace({std::string(order_id), std::string(invoice_id)}, schema::OpenItemT{});
  schema::OpenItemT& item = at->second;
  if (is_new) {
    item.order_id = order_id;
    item.invoice_id = invoice_id;
    item.due_date = due;
  }
  item.minor += minor;
  add_on(by_due_, item.due_date, minor);
  changed_.push_back(item.order_id);
}

std::int64_t ExposureLedger::take_item(Items::iterator item, std::int64_t minor) {
  const std::int64_t taken = std::min(item->second.minor, minor);
  add_on(by_due_, item->second.due_date, -taken);
  changed_.push_back(item->first.first);
  item->second.minor -= taken;
  if (item->second.minor == 0) {
    leave_dunning_level(item->second.dunning_level);
    items_.erase(item);
  }
  return taken;
}

void ExposureLedger::leave_dunning_level(std::uint32_t level) {
  const auto found = by_dunning_level_.find(level);
  if (found != by_dunning_level_.end() && --found->second == 0) by_dunning_level_.erase(found);
}

bool ExposureLedger::set_dunning_level(std::string_view order_id, std::string_view invoice_id,
                                       std::uint32_t level) {
  const auto found = items_.find({std::string(order_id), std::string(invoice_id)});
  if (found == items_.end() || level <= found->second.dunning_level) return false;
  leave_dunning_level(found->second.dunning_level);
  found->second.dunning_level = level;
  ++by_dunning_level_[level];
  changed_.push_back(found->first.first);
  return true;
}

void ExposureLedger::take_items(std::string_view order_id, std::string_view invoice_id,
                                std::int64_t minor) {
  if (minor <= 0) return;
  if (!invoice_id.empty()) {
    const auto found = items_.find({std::string(order_id), std::string(invoice_id)});
    if (found != items_.end()) take_item(found, minor);
    return;
  }
  std::vector<Items::iterator> of_order;
  for (auto at = items_.lower_bound({std::string(order_id), std::string()});
       at != items_.end() && at->first.first == order_id; ++at) {
    of_order.push_back(at);
  }
  std::stable_sort(of_order.begin(), of_order.end(), [](const auto& a, const auto& b) {
    return a->second.due_date < b->second.due_date;
  });
  for (const auto& item : of_order) minor -= take_item(item, minor);
}

std::pair<ExposureLedger::Items::const_iterator, ExposureLedger::Items::const_iterator>
ExposureLedger::items_of(std::string_view order_id) const {
  const auto begin = items_.lower_bound({std::string(order_id), std::string()});
  auto end = begin;
  while (end != items_.end() && end->first.first == order_id) ++end;
  return {begin, end};
}

std::int64_t ExposureLedger::open_orders_after(Day day) const {
  std::int64_t sum = 0;
  for (auto at = by_ship_date_.upper_bound(day); at != by_ship_date_.end(); ++at) sum += at->second;
  return sum;
}

std::int64_t ExposureLedger::items_due_before(Day day) const {
  std::int64_t sum = 0;
  for (auto at = by_due_.begin(); at != by_due_.end() && at->first < day; ++at) sum += at->second;
  return sum;
}

}  // namespace orderlog::engine
