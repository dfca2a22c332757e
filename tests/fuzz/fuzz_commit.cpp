// Fuzzes the reader of commit frames: whatever parses must be safe to walk from end to end.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "events/log/commit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orderlog::log;
  // Aligned as the log's own buffers are; a frame of any other size than a multiple of 8 is
  // refused.
  std::vector<std::uint64_t> aligned((size + 7) / 8);
  auto* start = reinterpret_cast<std::uint8_t*>(aligned.data());
  if (size > 0) std::memcpy(start, data, size);
  const auto commit = CommitView::parse({start, size});
  if (!commit) return 0;

  std::uint64_t sum = 0;
  for (const Bytes event : commit->events()) {
    for (const std::uint8_t byte : event) sum += byte;
  }
  for (const OutboxEntry entry : commit->outbox()) {
    sum += entry.target.value + entry.sequence.value;
    for (const std::uint8_t byte : entry.command) sum += byte;
  }
  for (const InboxPosition position : commit->inbox()) sum += position.consumed.value;
  sum += commit->verify_hash() ? 1 : 0;
  sum += commit->end().last_seq.value;
  volatile std::uint64_t keep = sum;
  (void)keep;
  return 0;
}
