// What each order of a customer still holds in the buckets of domain.md 3.16, and the open items in
// the invoice bucket. Must hold: 1. no bucket of an order is negative; 2. the sums are those of the
// entries; 3. an entry goes when it is empty. Every change costs O(log n) at most, so that a
// customer with a hundred thousand open orders is served like any other.
#pragma once

#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text_index.h"
#include "events/base/time.h"
#include "events/schema/customer_generated.h"

namespace orderlog::engine {

// Minor units of the account's currency.
struct ExposureSums {
  std::int64_t open_order = 0;
  std::int64_t open_delivery = 0;
  std::int64_t open_invoice = 0;

  std::int64_t total() const { return open_order + open_delivery + open_invoice; }
  void add(const schema::OrderExposureT& entry);
  void take(const schema::OrderExposureT& entry);
  friend bool operator==(const ExposureSums&, const ExposureSums&) = default;
};

bool is_empty(const schema::OrderExposureT& entry);
// The bucket's amount; `bucket` is not None.
std::int64_t& amount_in(schema::OrderExposureT& entry, schema::ExposureBucket bucket);
std::int64_t amount_in(const schema::OrderExposureT& entry, schema::ExposureBucket bucket);

// A value; used by one thread at a time.
class ExposureLedger {
 public:
  ExposureLedger() = default;
  ExposureLedger(const ExposureLedger& other);
  ExposureLedger(ExposureLedger&&) = default;
  ExposureLedger& operator=(const ExposureLedger& other) { return *this = ExposureLedger(other); }
  ExposureLedger& operator=(ExposureLedger&&) = default;

  // Memory that an entry or an item takes, its indexes and its ids included.
  static constexpr std::size_t entry_bytes = 160;
  static constexpr std::size_t item_bytes = 384;

  // nullptr when the order holds nothing.
  const schema::OrderExposureT* find(std::string_view order_id) const {
    return by_order_.find(order_id);
  }
  // Calls change(OrderExposureT&) on the order's entry, new and empty if there was none; it is kept
  // unless it is empty then.
  template <class Change>
  void change(std::string_view order_id, Change&& change) {
    const schema::OrderExposureT* found = by_order_.find(order_id);
    if (found == nullptr) found = &add_entry(order_id);
    const auto entry = entries_.iterator_to(*found);
    changed_.push_back(entry->order_id);
    unindex(*entry);
    entries_.modify(entry, std::forward<Change>(change));
    index(*entry);
    if (!is_empty(*entry)) return;
    by_order_.erase(*entry);
    entries_.erase(entry);
  }
  void add_item(std::string_view order_id, std::string_view invoice_id, Day due,
                std::int64_t minor);
  // Takes up to `minor` off that invoice of the order or, without an invoice, off its items by due
  // date.
  void take_items(std::string_view order_id, std::string_view invoice_id, std::int64_t minor);

  // The item's level of dunning, when that is a higher one. False: there is no such item, or it is
  // not higher.
  bool set_dunning_level(std::string_view order_id, std::string_view invoice_id,
                         std::uint32_t level);

  const ExposureSums& sums() const { return sums_; }
  // Of the open items; 0 when none was dunned.
  std::uint32_t highest_dunning_level() const {
    return by_dunning_level_.empty() ? 0 : by_dunning_level_.rbegin()->first;
  }
  // Open orders that are shipped after that day.
  std::int64_t open_orders_after(Day day) const;
  // Open items due before that day.
  std::int64_t items_due_before(Day day) const;
  // day_max when nothing is due.
  Day oldest_due() const { return by_due_.empty() ? day_max : by_due_.begin()->first; }

  // As they came.
  using Entries =
      boost::multi_index_container<schema::OrderExposureT,
                                   boost::multi_index::indexed_by<boost::multi_index::sequenced<>>>;
  // By order, then invoice.
  using Items = std::map<std::pair<std::string, std::string>, schema::OpenItemT>;
  const Entries& entries() const { return entries_; }
  // By order.
  std::vector<const schema::OrderExposureT*> sorted_entries() const;
  const Items& items() const { return items_; }
  // The items of one order, as [begin, end).
  std::pair<Items::const_iterator, Items::const_iterator> items_of(std::string_view order_id) const;
  // The orders that changed since the last call, some more than once.
  std::vector<std::string> take_changed() { return std::exchange(changed_, {}); }

 private:
  const schema::OrderExposureT& add_entry(std::string_view order_id);
  void index(const schema::OrderExposureT& entry);
  void unindex(const schema::OrderExposureT& entry);
  // Takes up to `minor` off the item, which goes when it is zero; the amount taken.
  std::int64_t take_item(Items::iterator item, std::int64_t minor);
  void leave_dunning_level(std::uint32_t level);

  Entries entries_;
  TextIndex<schema::OrderExposureT, &schema::OrderExposureT::order_id> by_order_;
  Items items_;
  ExposureSums sums_;
  std::map<Day, std::int64_t> by_ship_date_;
  std::map<Day, std::int64_t> by_due_;
  // How many items; those never dunned are not in it.
  std::map<std::uint32_t, std::size_t> by_dunning_level_;
  std::vector<std::string> changed_;
};

}  // namespace orderlog::engine
