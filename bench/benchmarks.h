// The benchmarks, each printing one line of JSON. `quick` keeps each under a minute.
#pragma once

#include <string>

namespace orderlog::bench {

// proof.md B7: engine events/s in commits of about 256 events, without HTTP ÷ raw append +
// fdatasync of the same bytes.
void b7(const std::string& directory, bool quick);
// proof.md B8: replay from zero ÷ bare scan of the same events stored one key each.
void b8(const std::string& directory, bool quick);
// proof.md B5: acknowledgement p50 over HTTP on one connection ÷ fdatasync p50.
void b5(const std::string& directory, const std::string& server, bool quick);
// Orders placed per second over HTTP (acknowledged and their stock reserved), as JSON: for B1 and
// B4.
void orders_rate(const std::string& server, int connections, int orders, int skus,
                 std::int64_t first);

}  // namespace orderlog::bench
