// The step that single commands and rows of a batch have in common: JSON body → engine. Loop's
// thread only.
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

class CommandSubmitter {
 public:
  CommandSubmitter(runtime::Engine& engine, const Clock& wall_clock)
      : engine_(engine), wall_clock_(wall_clock) {}

  // Gives the command to the engine, or returns what is wrong with its body; then `done` is not
  // called. `key` empty: a command without an Idempotency-Key.
  std::vector<codec::Problem> submit(std::string_view command, std::string_view body,
                                     const CommandHeaders& headers, std::string_view key,
                                     runtime::AnswerDone done);

 private:
  runtime::Engine& engine_;
  const Clock& wall_clock_;
  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace orderlog::http
