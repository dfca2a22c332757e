// The company's line to the engine: commands out over the public API, many at once, and the live
// feed back in. Commands of one business document keep their order.
#pragma once

#include <boost/json/object.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/client/event_stream.h"
#include "connectors/client/pipelined_client.h"
#include "connectors/client/reached_positions.h"
#include "connectors/simulator/simulator.h"
#include "events/base/time.h"

namespace orderlog::simulator {

class Wire {
 public:
  // Errors: Unavailable (no server).
  static Result<std::unique_ptr<Wire>> open(const SimulatorOptions& options);
  ~Wire();

  // The business time that every following command carries.
  void set_time(TimestampUs now) { now_ = now; }
  TimestampUs time() const { return now_; }

  // Sends; `key` names the document. A refusal counts as unexpected unless it may be refused.
  void command(const char* name, const std::string& key, boost::json::object body, const char* role,
               bool may_be_refused = false);
  // Waits for all answers, then hands every event that the feed has up to there to `listener`,
  // until what it sends in turn is quiet as well. Errors: Unavailable (the server is gone).
  Status settle(const std::function<void(const boost::json::object&)>& listener);

  // Every row of a report. Errors: Unavailable.
  Result<std::vector<boost::json::object>> report(const std::string& query);
  Result<std::uint64_t> total(const std::string& query);
  Result<std::string> text(const std::string& target);

  std::uint64_t commands() const { return commands_; }
  std::uint64_t unexpected() const { return unexpected_; }
  const std::map<std::string, std::uint64_t>& refusals() const { return refusals_; }
  // Microseconds from sending to the answer, by rank: 0.5 is the median.
  std::uint64_t ack_us(double rank);

 private:
  explicit Wire(const SimulatorOptions& options);
  void note_answer(const std::string& name, bool may_be_refused, std::int64_t sent_us,
                   const Result<client::Response>& response);

  SimulatorOptions options_;
  std::string run_;
  std::unique_ptr<client::PipelinedClient> client_;
  std::optional<client::HttpClient> reader_;
  TimestampUs now_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t unexpected_ = 0;
  std::map<std::string, std::uint64_t> refusals_;
  std::vector<std::uint32_t> latencies_us_;
  client::ReachedPositions acknowledged_;
  std::optional<Error> failed_;

  std::thread feed_thread_;
  std::mutex feed_mutex_;
  std::condition_variable feed_moved_;
  std::deque<boost::json::object> feed_;
  std::map<std::uint64_t, std::uint64_t> fed_;  // by partition
  std::optional<Error> feed_failed_;
  bool closing_ = false;
};

}  // namespace orderlog::simulator
