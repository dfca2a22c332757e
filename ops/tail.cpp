// `orderlog tail`: the log as people read it, of a running server too.
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <thread>

#include "engine/runtime/aggregate_ops.h"
#include "events/codec/verify_buffer.h"
#include "events/log/embedded_log.h"
#include "ops/commands.h"
#include "ops/event_line.h"

namespace orderlog::ops {
namespace {

constexpr std::uint32_t follow_wait_ms = 500;

struct Start {
  std::optional<PartitionId> partition;  // absent: all of them
  Sequence seq{1};
};

Result<Start> parse_start(const std::string& from, std::uint32_t partitions) {
  Start start;
  if (from.empty()) return start;
  unsigned partition = 0;
  std::uint64_t seq = 0;
  int used = 0;
  if (std::sscanf(from.c_str(), "%u:%" SCNu64 "%n", &partition, &seq, &used) != 2 ||
      static_cast<std::size_t>(used) != from.size() || partition >= partitions) {
    return error(
        ErrorCode::InvalidArgument,
        "--from is PARTITION:SEQUENCE, with a partition below " + std::to_string(partitions));
  }
  start.partition = PartitionId(partition);
  start.seq = Sequence(seq);
  return start;
}

// Prints what there is. Errors: the log's.
Status drain(log::CommitCursor& cursor, const TailOptions& options, Sequence from) {
  while (true) {
    auto commit = cursor.next();
    if (!commit) return commit.error();
    if (!*commit) return Status();
    for (const auto bytes : (*commit)->events()) {
      const auto* event = flatbuffers::GetRoot<schema::Envelope>(bytes.data());
      flatbuffers::Verifier verifier(bytes.data(), bytes.size());
      if (!verifier.VerifyBuffer<schema::Envelope>(nullptr)) {
        return error(ErrorCode::Corrupt, "commit " + std::to_string((*commit)->index().value) +
                                             " holds an unreadable event");
      }
      if (event->seq() < from.value) continue;
      if (!options.type.empty() && runtime::event_type_name(*event) != options.type) continue;
      const std::string line = event_line(*event, options.json);
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
    std::fflush(stdout);
  }
}

}  // namespace

int tail(const TailOptions& options) {
  auto log = log::open_embedded_reader(options.data);
  if (!log) return report("the log cannot be opened", log.error());
  auto start = parse_start(options.from, (*log)->partition_count());
  if (!start) {
    report("tail", start.error());
    return exit_usage;
  }
  std::vector<log::CommitIndex> next((*log)->partition_count(), log::CommitIndex(1));
  while (true) {
    for (std::uint32_t p = 0; p < next.size(); ++p) {
      if (start->partition && *start->partition != PartitionId(p)) continue;
      if (start->partition && next[p].value == 1 && start->seq.value > 1) {
        auto commit = (*log)->commit_of(PartitionId(p), start->seq);
        if (!commit) return report("tail", commit.error());
        next[p] = *commit;
      }
      auto cursor = (*log)->read(PartitionId(p), next[p]);
      if (!cursor) return report("tail", cursor.error());
      if (auto status = drain(**cursor, options, start->seq); !status)
        return report("tail", status.error());
      next[p] = (*log)->durable_end(PartitionId(p)).last_commit.next();
    }
    if (!options.follow || std::ferror(stdout) != 0) return exit_ok;
    // Another process writes: a reader of its files sees new commits only when it opens them again.
    std::this_thread::sleep_for(std::chrono::milliseconds(follow_wait_ms));
    log = log::open_embedded_reader(options.data);
    if (!log) return report("the log cannot be opened", log.error());
  }
}

}  // namespace orderlog::ops
