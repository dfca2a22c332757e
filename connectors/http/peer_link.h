// One other node, as PeerForwarder sees it: what waits for it, and the thread that takes it there,
// one request at a time. While a request is under way more commands gather; they travel together
// in the next one. Must hold: as peer_forwarder.h says.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/client/http_client.h"
#include "connectors/http/peer_forwarder.h"
#include "engine/runtime/loop.h"
#include "events/schema/base_generated.h"  // flatbuffers::FlatBufferBuilder

namespace orderlog::http {

struct PeerCounters {
  std::atomic<std::uint64_t> forwarded = 0;
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<std::uint64_t> unknown = 0;
  std::atomic<std::uint64_t> overflowed = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> queued = 0;
  std::atomic<std::uint64_t> peers = 0;
};

// A command on its way. `answer` begins as the engine's refusal: it knows the command's ids.
struct ForwardedCommand {
  runtime::Answer answer;
  std::vector<std::uint8_t> bytes;
  runtime::AnswerDone done;
  std::chrono::steady_clock::time_point since;
};

class PeerLink {
 public:
  // Begins the thread. Errors: Unavailable (no more threads).
  static Result<std::unique_ptr<PeerLink>> start(std::string address,
                                                 const PeerForwarderOptions& options,
                                                 runtime::Loop& loop, PeerCounters& counters);
  // As stop().
  ~PeerLink();

  // False: the queue is full, and `command` is as it was.
  bool push(ForwardedCommand& command);
  // Nothing waits and nothing is under way.
  bool idle() const;
  // Ends what is under way, and soon the thread.
  void interrupt();
  // The same, and waits for the thread; returns what still waited.
  std::deque<ForwardedCommand> stop();

 private:
  using Batch = std::vector<ForwardedCommand>;

  PeerLink(std::string address, const PeerForwarderOptions& options, runtime::Loop& loop,
           PeerCounters& counters);
  void run();
  void take_batch(Batch& batch);
  ForwardedCommand take_first();
  void drop_stale(Batch& stale);
  // False: the node does not answer; whatever waits for it need not wait longer.
  bool exchange(Batch& batch);
  void take_answers(Batch& batch, const client::Response& response);
  void fail_all(Batch& batch, const std::string& why);
  void unknown(ForwardedCommand& command, const std::string& why);
  void unknown_all(Batch& batch, const std::string& why);
  void post(Batch batch);

  const std::string address_;
  const PeerForwarderOptions options_;
  runtime::Loop& loop_;
  PeerCounters& counters_;
  Result<client::HttpClient> client_;
  flatbuffers::FlatBufferBuilder request_;  // the thread's

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ForwardedCommand> queue_;
  std::size_t queue_bytes_ = 0;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace orderlog::http
