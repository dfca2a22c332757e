// What every backend's cursor and reader share: checked commits from stored frames, and the search
// for a sequence number.
#include "events/log/event_log.h"

#include <algorithm>
#include <string>

namespace orderlog::log {

Error no_such_partition(PartitionId partition) {
  return error(ErrorCode::NotFound, "the log has no partition " + std::to_string(partition.value));
}

CommitCursor::CommitCursor(PartitionId partition, CommitIndex from)
    : partition_(partition), expected_(std::max(from, CommitIndex(1))) {}

Result<std::optional<CommitView>> CommitCursor::next() {
  if (failed_) return *failed_;
  auto stored = next_frame();
  if (!stored) {
    if (stored.error().code == ErrorCode::Corrupt) failed_ = stored.error();
    return std::move(stored).error();
  }
  if (!*stored) return std::optional<CommitView>();

  const auto refuse = [&](ErrorCode code, const std::string& why) {
    failed_ = error(code, "partition " + std::to_string(partition_.value) + ", commit " +
                              std::to_string(expected_.value) + ": " + why);
    return *failed_;
  };
  if ((*stored)->index != expected_) {
    return refuse(ErrorCode::Corrupt,
                  "missing, the next one is " + std::to_string((*stored)->index.value));
  }
  auto commit = CommitView::parse((*stored)->frame);
  if (!commit) return refuse(commit.error().code, commit.error().message);
  if (commit->partition() != partition_ || commit->index() != expected_) {
    return refuse(ErrorCode::Corrupt, "holds commit " + std::to_string(commit->index().value) +
                                          " of partition " +
                                          std::to_string(commit->partition().value));
  }
  if (check_hashes_ && !commit->verify_hash()) {
    return refuse(ErrorCode::Corrupt, "the hash does not match the bytes");
  }
  expected_ = expected_.next();
  return std::optional<CommitView>(*commit);
}

Result<CommitIndex> LogReader::commit_of(PartitionId partition, Sequence seq) {
  if (partition.value >= partition_count()) return no_such_partition(partition);
  CommitIndex low(1);
  CommitIndex high = durable_end(partition).last_commit.next();
  while (low < high) {
    const CommitIndex middle(low.value + (high.value - low.value) / 2);
    auto cursor = read(partition, middle);
    if (!cursor) return std::move(cursor).error();
    auto commit = (*cursor)->next();
    if (!commit) return std::move(commit).error();
    ORDERLOG_ENSURE(commit->has_value(), "a durable commit is not there to read");
    if ((*commit)->last_seq() < seq) {
      low = middle.next();
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace orderlog::log
