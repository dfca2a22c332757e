// orderlog_bench probe DIR · b7|b8 DIR [quick] · b5 DIR SERVER [quick] · prepare SERVER SKUS · load
// SERVER name=value… · replay DATA THREADS · rebuild DATA SCRATCH · open DATA · b13|transactions
// CONFIG DIR [quick] · roundtrip CONFIG SEND_TO WATCH RATE SECONDS FIRST
#include <cstdio>
#include <string>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/load.h"
#include "bench/probe.h"

int main(int argc, char** argv) {
  using namespace orderlog::bench;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto quick = [&](std::size_t at) {
    return arguments.size() > at && arguments[at] == "quick";
  };
  if (arguments.size() == 2 && arguments[0] == "probe") {
    const auto sync = probe_fdatasync(arguments[1]);
    std::printf("{\"fdatasync_p50_us\":%llu,\"fdatasync_p99_us\":%llu}\n",
                static_cast<unsigned long long>(sync.p50_us),
                static_cast<unsigned long long>(sync.p99_us));
    return 0;
  }
  if (arguments.size() >= 2 && arguments[0] == "b7") return b7(arguments[1], quick(2)), 0;
  if (arguments.size() >= 2 && arguments[0] == "b8") return b8(arguments[1], quick(2)), 0;
  if (arguments.size() >= 3 && arguments[0] == "b5")
    return b5(arguments[1], arguments[2], quick(3)), 0;
  if (arguments.size() >= 3 && arguments[0] == "load")
    return load(parse_load(arguments[1], argc - 3, argv + 3)), 0;
  if (arguments.size() == 3 && arguments[0] == "replay")
    return replay(arguments[1], std::stoi(arguments[2])), 0;
  if (arguments.size() == 3 && arguments[0] == "rebuild")
    return rebuild(arguments[1], arguments[2]), 0;
  if (arguments.size() == 2 && arguments[0] == "open") return open_stores(arguments[1]), 0;
  if (arguments.size() >= 3 && arguments[0] == "b13")
    return b13(arguments[1], arguments[2], quick(3)), 0;
  if (arguments.size() >= 3 && arguments[0] == "transactions")
    return transactions(arguments[1], arguments[2], quick(3)), 0;
  if (arguments.size() == 3 && arguments[0] == "prepare")
    return prepare(arguments[1], std::stoi(arguments[2])), 0;
  if (arguments.size() == 7 && arguments[0] == "roundtrip") {
    return roundtrip(arguments[1], arguments[2], arguments[3], std::stoi(arguments[4]),
                     std::stoi(arguments[5]), std::stoll(arguments[6])),
           0;
  }
  std::fprintf(stderr, "see bench/run\n");
  return 2;
}
