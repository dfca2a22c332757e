// Copies of a RocksDB directory (the log's, or a state store's) that are consistent, incremental
// and checked. Must hold: 1. a backup holds everything acknowledged before it began; 2. it is read
// back and its checksums compared before it counts as made (backup_seal.h); 3. restoring never
// overwrites data, and never takes an older backup than was asked for.
// A backup directory belongs to one database; calls on the same one must not overlap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "events/base/result.h"
#include "events/base/time.h"

namespace rocksdb {
class DB;
}

namespace orderlog::log {

struct BackupInfo {
  std::uint32_t id = 0;        // rises from 1
  std::int64_t made_at_s = 0;  // Unix seconds
  std::uint64_t bytes = 0;     // of all its files, shared ones included
  std::uint32_t files = 0;
};

// Of an open database, while it is written to. `database` must outlive the call. Errors: DiskFull,
// Io, Corrupt (the copy does not match).
Result<BackupInfo> create_backup(rocksdb::DB& database, const std::string& backup_directory);

// Of a directory that no process has open. Errors: also NotFound, Locked, Conflict (a node's copy
// of a log on a cluster).
Result<BackupInfo> create_backup(const std::string& database_directory,
                                 const std::string& backup_directory);

// Those that are finished, oldest first. Errors: NotFound, Io.
Result<std::vector<BackupInfo>> list_backups(const std::string& backup_directory);

// Reads all files of the backup and compares checksums; id 0 is the newest, and Corrupt when that
// one is damaged or was not finished. Errors: NotFound, Corrupt, Io.
Status verify_backup(const std::string& backup_directory, std::uint32_t id = 0);

// Verifies, then writes the backup to a directory that must not exist yet or be empty; its id.
// Errors: as verify_backup, Conflict (there is something there), DiskFull.
Result<std::uint32_t> restore_backup(const std::string& backup_directory,
                                     const std::string& database_directory, std::uint32_t id = 0);

}  // namespace orderlog::log
