// A command that another node took from its client, held here to all the rules that a client's own
// is held to: the other node may be of another version, or none of ours at all. Must hold: what
// passes is a command that this node's own edge could have made.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "events/codec/json_reader.h"

namespace orderlog::http {

// One thread.
class PeerCommandReader {
 public:
  // What is wrong with it (UnknownCommand: of a newer version), or nothing; then bytes() is the
  // command, until the next one is read.
  std::optional<codec::Problem> read(std::span<const std::uint8_t> command);
  std::span<const std::uint8_t> bytes() const {
    return {builder_.GetBufferPointer(), builder_.GetSize()};
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
  std::string json_;
};

}  // namespace orderlog::http
