// The step that single commands and rows of a batch have in common: JSON body → engine, or the node
// that leads. Loop's thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/command_headers.h"
#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/codec/json_reader.h"

namespace orderlog::http {

class PeerForwarder;

class CommandSubmitter {
 public:
  // `forwarder` null: what another node leads is answered NotLeading.
  CommandSubmitter(runtime::Engine& engine, const Clock& wall_clock, PeerForwarder* forwarder)
      : engine_(engine), wall_clock_(wall_clock), forwarder_(forwarder) {}

  // Gives the command to the engine, or returns what is wrong with its body; then `done` is not
  // called. `key` empty: a command without an Idempotency-Key.
  std::vector<codec::Problem> submit(std::string_view command, std::string_view body,
                                     const CommandHeaders& headers, std::string_view key,
                                     runtime::AnswerDone done);

 private:
  void submit_or_forward(runtime::AnswerDone done);

  runtime::Engine& engine_;
  const Clock& wall_clock_;
  PeerForwarder* const forwarder_;
  // The command that the engine is being given just now; 0: none. Its bytes are in the builder.
  std::uint64_t submitting_ = 0;
  std::uint64_t last_submitted_ = 0;
  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace orderlog::http
