// Appends on their way to the disk, collected into groups: what is written with one sync. Private
// to the embedded log. Not locked: its owner is. Must hold: 1. order is kept; 2. an append is never
// split; 3. groups are used again, so that a warm queue does not allocate.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "events/log/embedded_log.h"
#include "events/log/event_log.h"

namespace rocksdb {
class WriteBatch;
}

namespace orderlog::log {

struct Group {
  Group();
  ~Group();

  std::unique_ptr<rocksdb::WriteBatch> batch;
  std::vector<std::pair<PartitionId, LogEnd>> ends;  // after each commit
  std::vector<AppendDone> done;                      // one for each append
  std::size_t commits = 0;
  std::size_t bytes = 0;
  std::uint64_t events = 0;

  void clear();
};

class GroupQueue {
 public:
  explicit GroupQueue(const EmbeddedLogOptions& options) : options_(options) {}

  // Whether this append fits within the bounds; one alone always does.
  bool has_room(std::span<const SealedCommit> commits) const;
  void push(std::span<const SealedCommit> commits, AppendDone done);

  bool empty() const { return groups_.empty(); }
  // More to come would not make the oldest group better.
  bool has_gathered() const;
  // The oldest group; it counts as queued until it is given back.
  std::unique_ptr<Group> take();
  void give_back(std::unique_ptr<Group> group);

  std::size_t commits() const { return commits_; }
  std::size_t bytes() const { return bytes_; }

 private:
  Group& group_for(std::size_t commits, std::size_t bytes);

  const EmbeddedLogOptions& options_;
  std::deque<std::unique_ptr<Group>> groups_;
  std::vector<std::unique_ptr<Group>> spare_;
  std::size_t commits_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace orderlog::log
