// GET /v1/stream: every event, as server-sent events, after the rows that follow from it can be
// read. Ids are positions in all partitions, so a client goes on exactly where it stopped: from the
// log, then live. Must hold: 1. a client sees each event of its choice once, those of a partition
// in order; 2. a client that does not read is dropped at a bound and can come back; 3. formatting
// and reading the log happen on the feed's own thread, never on the loop's.
#pragma once

#include <cstdint>
#include <memory>

#include "connectors/http/limits.h"

namespace orderlog::log {
class LogReader;
}
namespace orderlog::projections {
class Runner;
}

namespace orderlog::http {

class EventLoop;
class Router;

struct StreamStats {
  std::uint64_t streams = 0;  // open now
  std::uint64_t streams_refused = 0;
  std::uint64_t streams_catching_up = 0;
  std::uint64_t events_written = 0;  // formatted, however many streams took them
};

// The runner, the log and the loop must outlive it; destroy it before them.
class StreamApi {
 public:
  StreamApi(log::LogReader& log, projections::Runner& runner, EventLoop& loop,
            const HttpLimits& limits);
  ~StreamApi();

  // ?types=OrderSubmitted,… or ?alerts=true choose; Last-Event-ID or ?after=0:17,1:5 (or
  // ?after=start) say where to begin; otherwise with what comes next.
  void add_routes(Router& router);
  // Any thread.
  StreamStats stats() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace orderlog::http
