// Admission to the log: fencing by term, and the chain rule.
#include "events/log/chain.h"

#include <algorithm>
#include <string>

namespace orderlog::log {
namespace {

std::string place(const SealedCommit& commit) {
  return "partition " + std::to_string(commit.header.partition.value) + ", commit " +
         std::to_string(commit.header.index.value);
}

}  // namespace

Chains::Chains(std::vector<LogEnd> ends) : ends_(std::move(ends)), claimed_(ends_.size()) {}

Term Chains::claim(PartitionId partition) {
  Term& claimed = claimed_[partition.value];
  claimed = std::max(claimed, ends_[partition.value].term).next();
  return claimed;
}

void Chains::void_claims() { std::fill(claimed_.begin(), claimed_.end(), Term(0)); }

Status Chains::admit(std::span<const SealedCommit> commits) {
  const PartitionId partition = commits.front().header.partition;
  if (partition.value >= ends_.size()) return no_such_partition(partition);
  LogEnd& end = ends_[partition.value];
  const LogEnd before = end;
  for (const SealedCommit& commit : commits) {
    const Status checked =
        commit.header.partition == partition
            ? check(commit)
            : Status(error(ErrorCode::InvalidArgument, "an append of several partitions"));
    if (!checked) {
      end = before;
      return checked;
    }
    end = commit.end();
  }
  return {};
}

Status Chains::check(const SealedCommit& commit) const {
  const CommitHeader& header = commit.header;
  // A writer that was reset before its commit was appended would put other bytes into the log.
  ORDERLOG_ENSURE(commit.frame.size() >= commit.hash.size() &&
                      std::equal(commit.hash.begin(), commit.hash.end(),
                                 commit.frame.end() - commit.hash.size()),
                  "the frame is not the one that was sealed");
  const Term claimed = claimed_[header.partition.value];
  const LogEnd& end = ends_[header.partition.value];
  if (header.term < claimed || (claimed.value == 0 && header.term <= end.term)) {
    return error(ErrorCode::Fenced, place(commit) + ": written in term " +
                                        std::to_string(header.term.value) +
                                        ", a later owner has taken over");
  }
  if (header.term != claimed) {
    return error(
        ErrorCode::Conflict,
        place(commit) + ": term " + std::to_string(header.term.value) + " has not been claimed");
  }
  if (header.index != end.last_commit.next() || header.first_seq != end.last_seq.next() ||
      header.prev_hash != end.last_hash) {
    return error(ErrorCode::Conflict, place(commit) + ": does not follow commit " +
                                          std::to_string(end.last_commit.value) + ", sequence " +
                                          std::to_string(end.last_seq.value) + " and its hash");
  }
  return {};
}

}  // namespace orderlog::log
