// Stands in for fdatasync in the whole test program: knows how much of each file has been synced,
// and can fail on demand. So a test can show what a power cut would leave.
#pragma once

#include <cstdint>
#include <string>

namespace orderlog::log::test {

// Calls to fdatasync so far.
std::uint64_t syncs();

// The next calls fail with that errno until it is set to 0.
void fail_syncs(int error_number);

// As long as this lives, fdatasync waits.
class HeldSyncs {
 public:
  HeldSyncs();
  ~HeldSyncs();
  HeldSyncs(const HeldSyncs&) = delete;
  // Until one does.
  void await_one();
};

// Copies a directory as a power cut would leave it: of files that grow (*.log), only what was
// synced. Others are copied whole: RocksDB syncs them before it refers to them.
void copy_what_was_synced(const std::string& from, const std::string& to);

}  // namespace orderlog::log::test
