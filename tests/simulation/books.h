// The state of every aggregate as the durable log says, folded event by event beside the engine,
// and what must hold of it: at each event within one aggregate (proof.md 3e, invariants 3 to 5), at
// rest between orders, stock and credit.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/aggregates.h"
#include "engine/runtime/aggregate_ops.h"
#include "events/log/commit.h"

namespace orderlog::sim {

// How far the clocks of two machines, or of one before and after it was set, are apart.
inline constexpr std::int64_t clocks_apart_us_max = us_per_hour;

class Books {
 public:
  using Key = std::pair<schema::AnyEvent, std::string>;

  // `late_us`: how long after its first event a commit may be closed, in business time.
  Books(std::uint32_t partitions, std::int64_t late_us)
      : partitions_(partitions), late_us_(late_us) {}

  // What is wrong after the event; empty: nothing.
  std::string apply(const schema::Envelope& event);
  // The quantities of an order's lines or of a stock item, for people.
  std::string describe(const schema::Envelope& event) const;
  // What does not agree at rest; empty: all does.
  std::string discrepancy() const;

  template <class Aggregate>
  const typename Aggregate::StateT* state(const std::string& id) const {
    const auto found = aggregates_.find({Aggregate::kind, id});
    if (found == aggregates_.end()) return nullptr;
    return &static_cast<const runtime::StateOf<Aggregate>&>(*found->second.state).value;
  }
  // Ids in the order of their first event.
  const std::vector<std::string>& ids(schema::AnyEvent kind) const;

 private:
  struct Entry {
    std::unique_ptr<runtime::AnyState> state;
    std::uint64_t version = 0;
  };
  std::string wrong(const Key& key, const Entry& entry) const;

  std::uint32_t partitions_;
  std::int64_t late_us_;
  std::map<Key, Entry> aggregates_;
  std::map<schema::AnyEvent, std::vector<std::string>> ids_;
};

}  // namespace orderlog::sim
