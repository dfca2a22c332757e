// How often the program has asked for memory with new, RocksDB included: linking it replaces
// operator new. Any thread.
#pragma once

#include <cstdint>

namespace orderlog::bench {

std::uint64_t allocations_of_this_thread();
std::uint64_t allocations_of_all_threads();

}  // namespace orderlog::bench
