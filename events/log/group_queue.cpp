// Filling, handing out and recycling of commit groups.
#include "events/log/group_queue.h"

#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include "events/base/ensure.h"
#include "events/log/rocks_format.h"

namespace orderlog::log {
namespace {

constexpr std::size_t spare_groups_max = 4;
// Kept with each key from here to the memtable, and checked there.
constexpr std::size_t checksum_bytes_per_key = 8;

std::size_t bytes_of(std::span<const SealedCommit> commits) {
  std::size_t bytes = 0;
  for (const SealedCommit& commit : commits) bytes += commit.frame.size();
  return bytes;
}

}  // namespace

Group::Group() : batch(std::make_unique<rocksdb::WriteBatch>(0, 0, checksum_bytes_per_key, 0)) {}

Group::~Group() = default;

void Group::clear() {
  batch->Clear();
  ends.clear();
  done.clear();
  commits = 0;
  bytes = 0;
  events = 0;
}

bool GroupQueue::has_room(std::span<const SealedCommit> commits) const {
  if (commits_ == 0) return true;
  return commits_ + commits.size() <= options_.queue_commits_max &&
         bytes_ + bytes_of(commits) <= options_.queue_bytes_max;
}

Group& GroupQueue::group_for(std::size_t commits, std::size_t bytes) {
  if (!groups_.empty()) {
    Group& last = *groups_.back();
    if (last.commits + commits <= options_.group_commits_max &&
        last.bytes + bytes <= options_.group_bytes_max) {
      return last;
    }
  }
  if (spare_.empty()) {
    groups_.push_back(std::make_unique<Group>());
  } else {
    groups_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  return *groups_.back();
}

void GroupQueue::push(std::span<const SealedCommit> commits, AppendDone done) {
  const std::size_t bytes = bytes_of(commits);
  Group& group = group_for(commits.size(), bytes);
  for (const SealedCommit& commit : commits) {
    const rocks::CommitKey key = rocks::commit_key(commit.header.partition, commit.header.index);
    const auto put = group.batch->Put(
        rocksdb::Slice(key.data(), key.size()),
        rocksdb::Slice(reinterpret_cast<const char*>(commit.frame.data()), commit.frame.size()));
    ORDERLOG_ENSURE(put.ok(), put.ToString());
    group.ends.emplace_back(commit.header.partition, commit.end());
    group.events += commit.header.event_count;
  }
  group.done.push_back(std::move(done));
  group.commits += commits.size();
  group.bytes += bytes;
  commits_ += commits.size();
  bytes_ += bytes;
}

bool GroupQueue::has_gathered() const {
  return groups_.size() > 1 ||
         (!groups_.empty() && groups_.front()->bytes >= options_.gather_bytes_max);
}

std::unique_ptr<Group> GroupQueue::take() {
  auto group = std::move(groups_.front());
  groups_.pop_front();
  return group;
}

void GroupQueue::give_back(std::unique_ptr<Group> group) {
  commits_ -= group->commits;
  bytes_ -= group->bytes;
  group->clear();
  if (spare_.size() < spare_groups_max) spare_.push_back(std::move(group));
}

}  // namespace orderlog::log
