// What every RocksDB of the engine needs so that a failing disk ends in an error and not in a crash
// or in a silent repair. Must hold: 1. RocksDB's own diary never fails (its built-in one aborts the
// process on a full disk where assertions are on, as in Debian); 2. after a failed write the
// database stays as it is until it is opened again.
#pragma once

#include <cstddef>
#include <string>

namespace rocksdb {
struct DBOptions;
}

namespace orderlog::log {

inline constexpr std::size_t diary_bytes_max = 1024 * 1024;  // and as much again in "<path>.old"

// `diary_path`: where RocksDB's warnings go; empty for nowhere. Lines that can't be written are
// dropped. Call before opening the database.
void harden(rocksdb::DBOptions& options, const std::string& diary_path);

// From now on so many stores of this process are compacted at the same time. By itself RocksDB has
// one thread for all of them: while it rewrites one store for seconds, the files of another, of the
// log even, pile up until its writes are held back.
void compact_side_by_side(int stores);

}  // namespace orderlog::log
