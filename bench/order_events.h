// Events as the engine makes them, for benchmarks of what becomes of events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace orderlog::bench {

// The first events of the mixed orders: finished Envelopes, ten for each order. `directory` is used
// and emptied.
std::vector<std::vector<std::uint8_t>> order_events(const std::string& directory,
                                                    std::size_t count);

}  // namespace orderlog::bench
