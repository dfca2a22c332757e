// How the stores beside the log (states, rows) keep their keys: read one at a time, mostly new or
// cold ones, under a bounded cache.
#pragma once

#include <cstddef>

namespace rocksdb {
struct Options;
}

namespace orderlog::log {

// Small files and large shards of the cache: the filter of a file must fit a shard many times, or
// it would be read anew, and dropped again, with every look-up.
void tune_for_point_reads(rocksdb::Options& options, std::size_t block_cache_bytes);

}  // namespace orderlog::log
