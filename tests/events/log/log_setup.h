// What the log's tests share: a directory of their own, a writer that keeps a partition's chain,
// the two backends behind one face, and real event and command envelopes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "events/log/embedded_log.h"
#include "events/log/memory_log.h"

namespace orderlog::log::test {

// Removed with all that is in it.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  std::string path(const std::string& inside = "") const;

 private:
  std::filesystem::path path_;
};

// A disk in memory, if the process may mount one; gone with this object.
class SmallDisk {
 public:
  SmallDisk(const std::string& at, std::size_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  std::string at_;
  bool mounted_;
};

inline Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Fails the test and gives up when the result is an error.
template <class T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(to_string(result.error()));
  return std::move(result).value();
}
inline void must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(to_string(status.error()));
}

struct OutboxItem {
  std::uint32_t target;
  std::uint64_t sequence;
  std::string command;
};

struct CommitContent {
  std::vector<std::string> events;
  std::vector<OutboxItem> outbox;
  std::vector<InboxPosition> inbox;
};

// The single writer of one partition: seals commits that follow each other.
class PartitionWriter {
 public:
  explicit PartitionWriter(const Claim& claim)
      : partition(claim.partition), term(claim.term), end(claim.end) {}

  // Valid until the next seal; `end` moves on only by advance().
  SealedCommit seal(const CommitContent& content);
  SealedCommit seal_events(std::size_t count);
  void advance(const SealedCommit& sealed) { end = sealed.end(); }
  // Seals, appends and advances.
  Status append(EventLog& log, const CommitContent& content, AppendDone done = {});
  Status append_events(EventLog& log, std::size_t count, AppendDone done = {});

  PartitionId partition;
  Term term;
  LogEnd end;

 private:
  CommitWriter writer_;
};

// Returns when everything appended was reported. Not for logs that wait for a step.
void settle(EventLog& log);

// Whether a reader that has seen everything sleeps for the time it gave, as it should: one that is
// woken at once would ask again and again. For a log that nobody writes to.
bool waits_for_more(LogReader& log);

// Two of the log's backends as a test sees them.
class EmbeddedBackend {
 public:
  static constexpr bool has_committer = true;
  void open(std::uint32_t partitions, std::size_t queue_commits_max = queue_commits_default,
            std::size_t queue_bytes_max = queue_bytes_default);
  EventLog& log() { return *log_; }
  // Until everything appended was reported.
  void settle();
  // The process ends and another one starts.
  void restart();

 private:
  TempDirectory directory_;
  EmbeddedLogOptions options_;
  std::unique_ptr<EventLog> log_;
};

class MemoryBackend {
 public:
  static constexpr bool has_committer = false;
  void open(std::uint32_t partitions, std::size_t queue_commits_max = 65'536,
            std::size_t queue_bytes_max = 32 * 1024 * 1024);
  EventLog& log() { return *log_; }
  void settle();
  void restart();

 private:
  std::unique_ptr<MemoryLog> log_;
};

// Every frame of a partition, as text.
std::vector<std::string> frames_of(LogReader& log, PartitionId partition,
                                   CommitIndex from = CommitIndex(1));

// A valid event Envelope (a LeaderClaim, whose content does not matter here).
std::string envelope(PartitionId partition, Sequence seq, Term term, const std::string& aggregate,
                     std::uint64_t version);
std::string command_envelope();

}  // namespace orderlog::log::test
