// The log inside the process, on RocksDB: one key a commit (partition ‖ commit index, big endian),
// one committer thread, one synced write for everything that was appended while the last one ran:
// natural group commit, except that small groups don't follow each other at once (gather_us_max).
// Layout: DIR/log is the RocksDB directory. Must hold: 1. one
// process has the directory; 2. a failed write or sync is final: the log answers that error from
// then on and is opened again to recover; 3. nothing is retried.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "events/log/backup.h"
#include "events/log/event_log.h"

namespace rocksdb {
class FileSystem;
}

namespace orderlog::log {

inline constexpr std::size_t group_bytes_default = 256 * 1024;
inline constexpr std::size_t group_commits_default = 4'096;
inline constexpr std::int64_t gather_us_default = 1'000;
inline constexpr std::size_t gather_bytes_default = 32 * 1024;
inline constexpr std::size_t queue_bytes_default = 32 * 1024 * 1024;
inline constexpr std::size_t queue_commits_default = 65'536;

struct EmbeddedLogOptions {
  std::string directory;              // DIR; made if it is not there
  std::uint32_t partition_count = 0;  // fixed at creation; 0 takes that of an existing log

  // One synced write takes at most this much (one larger append goes alone); above, the sync itself
  // grows and with it every answer's delay.
  std::size_t group_bytes_max = group_bytes_default;
  std::size_t group_commits_max = group_commits_default;

  // When something was appended while a group was written, the next begins no sooner than so long
  // after that one began, unless as many bytes wait: a sync costs the same for one commit as for
  // ten. Who appends one after the other, each when the last is durable, never waits. 0: nobody.
  std::int64_t gather_us_max = gather_us_default;
  std::size_t gather_bytes_max = gather_bytes_default;

  // Waiting for the disk, beyond which append answers Unavailable.
  std::size_t queue_bytes_max = queue_bytes_default;
  std::size_t queue_commits_max = queue_commits_default;

  std::size_t memtable_bytes = 64 * 1024 * 1024;  // up to 4 of them
  // Log files filled with zeros ahead (prepared_wal.h), memtable_bytes each: syncs in half the
  // time.
  bool prepare_wal = true;
  std::size_t block_cache_bytes = 32 * 1024 * 1024;  // of uncompressed blocks
  std::size_t background_bytes_per_second = 0;       // flush and compaction; 0: no limit

  // Where everything is written; none: the system's. For tests that cut the power.
  std::shared_ptr<rocksdb::FileSystem> files;
};

class EmbeddedLog : public EventLog {
 public:
  // A consistent copy of the log while it runs (backup.h). Any thread.
  virtual Result<BackupInfo> create_backup(const std::string& backup_directory) = 0;
};

// Opens or creates. Checks the last commit of every partition. Blocks for the recovery of at most
// 256 MB of write-ahead log. Errors: InvalidArgument (options), Locked (another process has it),
// Conflict (other partition count), Corrupt, Unsupported (made by a newer version), DiskFull, Io.
// Destruction writes what is queued, then closes.
Result<std::unique_ptr<EmbeddedLog>> open_embedded_log(const EmbeddedLogOptions& options);

// Reads a log without owning it, as of now, also one that a running process has or that
// open_embedded_log refuses as corrupt: for verify and tail. Changes nothing. Errors: NotFound,
// Corrupt, Unsupported, Io.
Result<std::unique_ptr<LogReader>> open_embedded_reader(const std::string& directory);

}  // namespace orderlog::log
