// Takes commands to the node that leads their partition, and brings its answers back. Must hold:
// 1. every command is answered once, and what the answer says is so: NotLeading, Unavailable and
// Stopping mean that nothing was decided, and whatever is not known is Unknown; 2. commands for one
// node reach it in the order they were given, but for those that are answered with such a refusal;
// 3. no queue without a bound: a full one answers at once. A repeat is safe at any time: a command
// carries its id.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/runtime/answer.h"

namespace orderlog::runtime {
class Loop;
}

namespace orderlog::http {

struct PeerForwarderOptions {
  // The name of the log, the same on all nodes: see PeerApi.
  std::string log = {};
  // Each node has a thread and a connection of its own. One more takes the place of one that has
  // nothing to do, or its commands are answered Unavailable.
  std::size_t peers_max = 32;
  // Commands for one node that wait; above: Unavailable.
  std::size_t queue_commands_max = 65'536;
  std::size_t queue_bytes_max = 32 * 1024 * 1024;
  // What has waited longer is not sent any more: Unavailable.
  std::uint32_t queue_wait_ms_max = 10'000;
  std::uint32_t connect_timeout_ms = 1'000;  // then: NotLeading
  // From the first byte sent to the last received; then: Unknown. More than the other node's
  // HttpLimits::peer_answer_ms_max.
  std::uint32_t request_timeout_ms = 10'000;
};

struct PeerForwarderStats {
  std::uint64_t forwarded = 0;   // commands answered by the node they were sent to
  std::uint64_t failed = 0;      // it could not be reached or did not take them
  std::uint64_t unknown = 0;     // sent, and no usable answer came
  std::uint64_t overflowed = 0;  // a queue was full, or there were too many nodes
  std::uint64_t requests = 0;    // forwarded / requests: commands that travel together
  std::uint64_t queued = 0;      // not answered yet
  std::uint64_t peers = 0;
};

// Loop's thread only, but for its making and stats().
class PeerForwarder {
 public:
  // The loop must outlive it.
  explicit PeerForwarder(runtime::Loop& loop, PeerForwarderOptions options = {});
  // As stop().
  ~PeerForwarder();

  // `refused`: the engine's NotLeading with the leader's address. `command` is copied. `done` is
  // called once on the loop's thread; before forward() returns only with Unavailable or Stopping.
  void forward(const runtime::Answer& refused, std::span<const std::uint8_t> command,
               runtime::AnswerDone done);

  // Answers what waits with Stopping, ends what is under way (its answers come by the loop, if it
  // still runs) and takes nothing more. Blocks for at most connect_timeout_ms, if just then a
  // connection is being made. On the loop's thread, or when the loop does not run any more.
  void stop();

  // Any thread.
  PeerForwarderStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
