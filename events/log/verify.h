// Proof that a log is whole (design.md, promise 5): reads every commit of every partition and
// checks bytes, hashes, links and every numbering. What it can't see by itself is a chain cut off
// at its end: compare `ends` with an end known from elsewhere (the state store, a reader's
// position). Never stops the process, whatever the bytes are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "events/log/event_log.h"

namespace orderlog::schema {
struct Envelope;
}

namespace orderlog::log {

struct BadCommit {
  PartitionId partition;
  CommitIndex index;  // of the first bad commit, or of the one that is missing
  Sequence seq;       // of the event at fault, else the first sequence expected there
  std::string reason;
};
// "partition 3, commit 17, sequence 4011: the hash does not match the bytes".
std::string to_string(const BadCommit& bad);

struct VerifiedEvent {
  PartitionId partition;
  CommitIndex commit;
  const schema::Envelope& envelope;
};

struct VerifyOptions {
  // Called for each event that passed, in order of partition and sequence; may refuse it with a
  // reason, which then is the commit's fault.
  std::function<std::optional<std::string>(const VerifiedEvent&)> on_event;
  // Called after each verified commit (progress; outbox and inbox).
  std::function<void(const CommitView&)> on_commit;
};

struct VerifyReport {
  std::vector<BadCommit> bad;  // the first of each partition that has one, by partition
  std::vector<LogEnd> ends;    // of what was verified, by partition
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t outbox_entries = 0;
  std::uint64_t bytes = 0;

  bool ok() const { return bad.empty(); }
};

// Checks, for each partition: frame, place in the key, hash, link, index and sequence without gaps,
// terms that never fall; outbox numbers of each (source, target) pair without gaps and inbox
// positions that only rise and do not pass what the source has sent; each event a valid Envelope
// with the partition, sequence and term of its place, and aggregate versions without gaps for each
// (aggregate type, id). Memory: 16 to 32 bytes for each distinct aggregate of one partition. Errors
// (not faults of the log): Io.
Result<VerifyReport> verify_log(LogReader& log, const VerifyOptions& options = {});

}  // namespace orderlog::log
