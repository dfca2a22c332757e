// How the stores beside the log (states, rows) keep their keys: read one at a time, mostly new or
// cold ones, under a bounded cache.
#pragma once

#include <cstddef>

namespace rocksdb {
struct Options;
}

namespace orderlog::log {

// The filter and the index of a file stay in memory as long as it is open, apart from the cache of
// blocks: there they would be read anew, and dropped again, as soon as a store has outgrown it.
// Makes the compaction threads of the whole process run only when no other wants their core.
void tune_for_point_reads(rocksdb::Options& options, std::size_t block_cache_bytes);

// RocksDB counts each comparison of two keys for the thread that makes it (rocksdb::perf_context),
// which nobody reads here and which costs a twelfth of a rebuild of the read models. From now on it
// doesn't, for this thread. Costs nothing when called again.
void count_nothing();

}  // namespace orderlog::log
