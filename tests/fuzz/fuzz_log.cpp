// Log recovery: any bytes as the stored commits of a log. They are read as they are and, since a
// fuzzer cannot guess SHA-256, once more with hashes and links made good. Whatever parses must be
// safe to walk from end to end, the chain is followed as a starting engine follows it, and `verify`
// must come to an end; what it calls whole must be what the engine's walk reached as well.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "events/base/ensure.h"
#include "events/log/commit_format.h"
#include "events/log/event_log.h"
#include "events/log/verify.h"

namespace {

using namespace orderlog;
using namespace orderlog::log;

constexpr std::uint32_t partitions = 2;
constexpr std::size_t frames_max = 16;

// Eight-byte words, as the log's own buffers are aligned.
struct Frame {
  std::vector<std::uint64_t> words;
  std::size_t size = 0;

  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(words.data()); }
  Bytes bytes() const { return {reinterpret_cast<const std::uint8_t*>(words.data()), size}; }
};
using Partitions = std::vector<std::vector<Frame>>;

// One commit after the other, each as long as it says it is; the rest is the last one.
Partitions cut(const std::uint8_t* data, std::size_t size) {
  Partitions log(partitions);
  for (std::size_t at = 0, count = 0; at < size && count < frames_max; ++count) {
    std::size_t length = size - at;
    std::uint32_t partition = 0;
    if (length >= format::header_bytes) {
      const auto says = load_int<std::uint32_t>(data + at + format::at_frame_bytes);
      if (says >= format::header_bytes && says < length) length = says;
      partition = load_int<std::uint32_t>(data + at + format::at_partition) % partitions;
    }
    Frame frame;
    frame.words.resize((length + 7) / 8);
    frame.size = length;
    std::memcpy(frame.data(), data + at, length);
    log[partition].push_back(std::move(frame));
    at += length;
  }
  return log;
}

// Links and hashes that fit; everything else stays as it came.
void mend(Partitions& log) {
  for (std::uint32_t p = 0; p < partitions; ++p) {
    Hash256 previous = genesis_hash(PartitionId(p), partitions);
    for (Frame& frame : log[p]) {
      if (frame.size < format::header_bytes + format::hash_bytes) continue;
      std::memcpy(frame.data() + format::at_prev_hash, previous.data(), previous.size());
      const std::size_t hashed = frame.size - format::hash_bytes;
      previous = sha256(frame.bytes().first(hashed));
      std::memcpy(frame.data() + hashed, previous.data(), previous.size());
    }
  }
}

class Cursor final : public CommitCursor {
 public:
  Cursor(const std::vector<Frame>& frames, PartitionId partition, CommitIndex from)
      : CommitCursor(partition, from), frames_(frames), next_(from.value == 0 ? 1 : from.value) {}

  Result<std::optional<StoredFrame>> next_frame() override {
    if (next_ > frames_.size()) return std::optional<StoredFrame>();
    const StoredFrame stored{CommitIndex(next_), frames_[next_ - 1].bytes()};
    ++next_;
    return std::optional<StoredFrame>(stored);
  }

 private:
  const std::vector<Frame>& frames_;
  std::uint64_t next_;
};

class FuzzedLog final : public LogReader {
 public:
  explicit FuzzedLog(const Partitions& log) : log_(log) {}

  std::uint32_t partition_count() const override { return partitions; }
  Result<std::unique_ptr<CommitCursor>> read(PartitionId partition, CommitIndex from) override {
    if (partition.value >= partitions) return no_such_partition(partition);
    return std::unique_ptr<CommitCursor>(
        std::make_unique<Cursor>(log_[partition.value], partition, from));
  }
  LogEnd durable_end(PartitionId partition) const override {
    LogEnd end = empty_end(partition, partitions);
    end.last_commit = CommitIndex(log_[partition.value].size());
    return end;
  }
  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t) override { return seen; }

 private:
  const Partitions& log_;
};

// Touches everything that a view can reach; the address sanitizer watches.
void walk(const CommitView& commit) {
  std::uint64_t sum = commit.end().last_seq.value;
  for (const Bytes event : commit.events()) {
    for (const std::uint8_t byte : event) sum += byte;
  }
  for (const OutboxEntry entry : commit.outbox()) {
    sum += entry.target.value + entry.sequence.value;
    for (const std::uint8_t byte : entry.command) sum += byte;
  }
  for (const InboxPosition position : commit.inbox()) sum += position.consumed.value;
  volatile std::uint64_t keep = sum;
  (void)keep;
}

// As an engine that starts: each commit has its hash and follows the one before. Returns the end.
LogEnd follow(FuzzedLog& log, PartitionId partition) {
  LogEnd end = empty_end(partition, partitions);
  auto cursor = log.read(partition, CommitIndex(1));
  ORDERLOG_ENSURE(cursor.ok(), "a partition that is there cannot be read");
  (*cursor)->check_hashes(true);
  while (true) {
    const auto commit = (*cursor)->next();
    if (!commit || !*commit || (*commit)->header().prev_hash != end.last_hash) return end;
    walk(**commit);
    end = (*commit)->end();
  }
}

void recover(const Partitions& commits) {
  FuzzedLog log(commits);
  for (const auto& frames : commits) {
    for (const Frame& frame : frames) {
      const auto commit = CommitView::parse(frame.bytes());
      if (commit) walk(*commit);
    }
  }
  const auto report = verify_log(log);
  ORDERLOG_ENSURE(report.ok(), "bytes in memory cannot fail to be read");
  ORDERLOG_ENSURE(report->ends.size() == partitions, "a partition was left out");
  for (std::uint32_t p = 0; p < partitions; ++p) {
    const LogEnd reached = follow(log, PartitionId(p));
    ORDERLOG_ENSURE(report->ends[p].last_commit <= reached.last_commit,
                    "verified more than an engine would take");
    ORDERLOG_ENSURE(!report->ok() || report->ends[p] == reached, "another end than verify's");
    (void)log.commit_of(PartitionId(p), Sequence(1));
    (void)log.commit_of(PartitionId(p), reached.last_seq);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Partitions log = cut(data, size);
  recover(log);
  mend(log);
  recover(log);
  return 0;
}
