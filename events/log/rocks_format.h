// How the log lies in RocksDB: keys, the record about the log itself, options, and RocksDB's
// answers in our words. Private to this room.
//   'c' ‖ partition (4 bytes, big endian) ‖ commit index (8 bytes, big endian) → commit frame
//   'm' ‖ "log"                                                               → LogRecord, 16
//   bytes:
//       u32 magic "OLM1", u32 format version, u32 partition count, u32 zero, little endian
//   'k' ‖ …                     → only in the copy of a log on a cluster: kafka/replica.h
// So a scan gives one partition after the other, each in commit order.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/log/embedded_log.h"
#include "events/log/event_log.h"

namespace rocksdb {
class DB;
class Status;
struct Options;
}  // namespace rocksdb

namespace orderlog::log::rocks {

using CommitKey = std::array<char, 13>;
CommitKey commit_key(PartitionId partition, CommitIndex index);
// The commit index in a key of that partition; nothing if it is no such key.
std::optional<CommitIndex> index_in_key(std::string_view key, PartitionId partition);

// DiskFull, Locked, Corrupt, NotFound or Io, with `doing` ("writing to the log") in the message.
Error error_of(const rocksdb::Status& status, const std::string& doing);

// `diary_path`: see rocks_safety.h.
rocksdb::Options log_options(const EmbeddedLogOptions& options, const std::string& diary_path);

std::string log_directory(const std::string& directory);

// The partition count stored in the log; nothing if it is new. Errors: Corrupt, Unsupported, Io.
Result<std::optional<std::uint32_t>> stored_partition_count(rocksdb::DB& database);
// Durable on return.
Status store_partition_count(rocksdb::DB& database, std::uint32_t count);

// Of which log on a cluster this is a node's copy (kafka/replica.h); nothing if it is a log of its
// own. Errors: Io, Corrupt.
inline constexpr std::string_view identity_key = "klog";
Result<std::optional<std::string>> stored_identity(rocksdb::DB& database);

// Where the partition's chain ends, by its last key. `strict`: the last commit must be sound
// (structure, place, hash), else Corrupt; otherwise an unreadable one counts with its key's index.
Result<LogEnd> stored_end(rocksdb::DB& database, PartitionId partition,
                          std::uint32_t partition_count, bool strict);

// Reads up to what `durable` says at the time of each call.
std::unique_ptr<CommitCursor> cursor(rocksdb::DB& database, PartitionId partition, CommitIndex from,
                                     std::function<CommitIndex()> durable);

}  // namespace orderlog::log::rocks
