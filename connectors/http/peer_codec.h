// Commands and answers between nodes ↔ bytes (events/schema/peer.fbs). Must hold: 1. whatever bytes
// come, reading neither crashes nor keeps more memory than a small multiple of them; 2. a value
// that this version does not know is an error of its answer alone, never a guess; 3. what is
// written is read back the same. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "connectors/http/limits.h"
#include "engine/runtime/answer.h"
#include "events/base/result.h"
#include "events/schema/base_generated.h"  // flatbuffers::FlatBufferBuilder

namespace orderlog::http {

inline constexpr std::string_view peer_path = "/v1/peer/commands";

using CommandBytes = std::span<const std::uint8_t>;

// Finishes a PeerRequest in `out`, which is cleared first. `log`: the name of the log meant.
void write_peer_request(flatbuffers::FlatBufferBuilder& out, std::string_view log,
                        std::span<const CommandBytes> commands);

// A request as it was read; owns its bytes. The commands are not verified yet.
struct PeerRequestRead {
  std::unique_ptr<std::uint64_t[]> storage;
  std::string_view log;
  std::vector<CommandBytes> commands;
};
// Errors: InvalidArgument (larger than the limits), Corrupt (no such buffer).
Result<PeerRequestRead> read_peer_request(std::string_view bytes);

// Finishes a PeerResponse in `out`, which is cleared first.
void write_peer_response(flatbuffers::FlatBufferBuilder& out,
                         std::span<const runtime::Answer> answers);

// Errors: InvalidArgument (larger than the limit), Corrupt (no such buffer). Of one answer:
// Unsupported (an outcome or a code of a newer version), Corrupt (incomplete, no UTF-8).
Result<std::vector<Result<runtime::Answer>>> read_peer_response(std::string_view bytes);

}  // namespace orderlog::http
