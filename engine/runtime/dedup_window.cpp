#include "engine/runtime/dedup_window.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>

namespace orderlog::runtime {

struct DedupWindow::Map {
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> commits;
};

DedupWindow::DedupWindow(DedupLimits limits) : limits_(limits), map_(std::make_unique<Map>()) {}
DedupWindow::~DedupWindow() = default;

std::optional<log::CommitIndex> DedupWindow::find(const Uuid& command_id) const {
  const auto found = map_->commits.find(UuidHash{}(command_id));
  if (found == map_->commits.end()) return std::nullopt;
  return log::CommitIndex(found->second);
}

void DedupWindow::insert(const Entry& entry) {
  map_->commits[entry.id_hash] = entry.commit;
  order_.push_back(entry);
  while (order_.size() > limits_.commands_max ||
         order_.front().recorded_at < entry.recorded_at - limits_.age_max_us) {
    const Entry& oldest = order_.front();
    const auto found = map_->commits.find(oldest.id_hash);
    if (found != map_->commits.end() && found->second == oldest.commit) map_->commits.erase(found);
    // What leaves before it was saved is in no chunk.
    if (unsaved_ == order_.size()) {
      --unsaved_;
    } else {
      ++evicted_;
    }
    order_.pop_front();
  }
}

void DedupWindow::add(const Uuid& command_id, log::CommitIndex commit, TimestampUs recorded_at) {
  ++unsaved_;
  insert({UuidHash{}(command_id), commit.value, recorded_at});
}

std::size_t DedupWindow::size() const { return order_.size(); }

std::string DedupWindow::take_unsaved() {
  std::string chunk(unsaved_ * sizeof(Entry), '\0');
  for (std::size_t i = 0; i < unsaved_; ++i) {
    std::memcpy(chunk.data() + i * sizeof(Entry), &order_[order_.size() - unsaved_ + i],
                sizeof(Entry));
  }
  unsaved_ = 0;
  return chunk;
}

bool DedupWindow::load(std::string_view chunk) {
  if (chunk.size() % sizeof(Entry) != 0) return false;
  for (std::size_t at = 0; at < chunk.size(); at += sizeof(Entry)) {
    Entry entry;
    std::memcpy(&entry, chunk.data() + at, sizeof(Entry));
    insert(entry);
  }
  return true;
}

}  // namespace orderlog::runtime
