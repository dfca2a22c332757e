// A configuration file in which everything is drawn anew that an operator may change from one start
// to the next and that must make no difference: sizes of caches, memtables, queues and commits,
// intervals, limits of what is in flight. Not the partitions, and not how far idempotency reaches.
#pragma once

#include <filesystem>
#include <random>

namespace orderlog::test {

void write_drawn_options(const std::filesystem::path& file, std::mt19937_64& random);

}  // namespace orderlog::test
