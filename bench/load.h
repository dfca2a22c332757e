// Orders over HTTP, as many at a time or as many a second as is asked for. Must hold: with a rate,
// every order has a time at which it is to be sent, fixed beforehand, and its latency counts from
// then, however late it could be sent: a server that stands still is seen by every order that
// would have come meanwhile. One thread, and one for samples of staleness.
#pragma once

#include <cstdint>
#include <string>

namespace orderlog::bench {

struct LoadOptions {
  std::string server;
  std::size_t connections = 64;
  std::size_t outstanding_max = 1;  // requests without an answer, of each connection
  std::int64_t orders = 0;
  double rate = 0;         // orders a second; 0: the next one when an answer has come
  std::size_t batch = 1;   // orders of a request; above 1 as NDJSON
  int skus = 1'000;        // that they are spread over
  std::int64_t first = 0;  // number of the first order; they must be new
  // Above 0: beside each order the one that is as many older is cancelled, from this number on, so
  // that so many stay open. Not with a batch.
  std::int64_t open_orders = 0;
  std::int64_t open_from = 0;
  // 503 is an answer that is counted; else anything but an accepted order ends the program.
  bool refusals = false;
  // The server may be killed: ends the load, and what is not answered is counted.
  bool kill = false;
  // So many orders a second are read back with their own position as min_position as soon as they
  // are acknowledged.
  int stale_samples_per_second = 0;
};

// "name=value" of the fields above.
LoadOptions parse_load(const std::string& server, int count, const char* const* words);

// Prints one line of JSON: what became of the orders, the rate at which they were accepted (open
// loop: until the last one's time, closed: until the last answer), percentiles in µs.
void load(const LoadOptions& options);

}  // namespace orderlog::bench
