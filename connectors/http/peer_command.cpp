// The gate checks the structure. The rules for ids, dates, enums and numbers are the JSON reader's,
// so the command is written as JSON and read back: about 3 µs, and one set of rules.
#include "connectors/http/peer_command.h"

#include <string_view>
#include <utility>

#include "connectors/http/command_headers.h"
#include "connectors/http/limits.h"
#include "events/base/time.h"
#include "events/codec/json_writer.h"
#include "events/codec/payload.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::http {

namespace {

using codec::Problem;
using codec::ProblemCode;

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

Problem out_of_range(std::string pointer, std::string detail) {
  return {std::move(pointer), std::move(detail), ProblemCode::OutOfRange};
}

// The edge that took it has filled all of this in.
std::optional<Problem> take_envelope(const schema::CommandEnvelope& envelope,
                                     codec::CommandMeta& meta) {
  if (envelope.command_id() == nullptr || is_nil(*envelope.command_id())) {
    return out_of_range("/command_id", "must be given");
  }
  if (envelope.fingerprint() == 0) return out_of_range("/fingerprint", "must be given");
  if (*schema::EnumNameRole(envelope.role()) == '\0') {
    return out_of_range("/role", "is not a role");
  }
  if (envelope.authority() != schema::Authority::Normal &&
      envelope.authority() != schema::Authority::Import) {
    return out_of_range("/authority", "must be Normal or Import");
  }
  if (envelope.occurred_at() < timestamp_min || envelope.occurred_at() > timestamp_max) {
    return out_of_range("/occurred_at", "must lie in the years 0000 to 9999");
  }
  meta.actor = text_of(envelope.actor());
  if (!is_actor(meta.actor)) {
    return out_of_range("/actor", "must have 1 to 128 printable ASCII characters");
  }
  meta.tenant = text_of(envelope.tenant());
  if (!meta.tenant.empty() && !is_actor(meta.tenant)) {
    return out_of_range("/tenant", "must have 1 to 128 printable ASCII characters");
  }
  meta.command_id = *envelope.command_id();
  meta.fingerprint = envelope.fingerprint();
  meta.role = envelope.role();
  meta.authority = envelope.authority();
  meta.occurred_at = envelope.occurred_at();
  if (const auto version = envelope.expected_version()) meta.expected_version = *version;
  if (envelope.correlation_id() != nullptr) meta.correlation_id = *envelope.correlation_id();
  if (envelope.causation_id() != nullptr) meta.causation_id = *envelope.causation_id();
  meta.body_may_set = 0;
  return std::nullopt;
}

}  // namespace

std::optional<Problem> PeerCommandReader::read(std::span<const std::uint8_t> command) {
  const auto verified = codec::verify_command(command, {.bytes_max = peer_command_bytes_max});
  if (!verified) return Problem{"", verified.error().message, ProblemCode::Malformed};
  const schema::CommandEnvelope& envelope = verified->root();
  if (!verified->known_type()) {
    return Problem{"", "this node does not know the command yet", ProblemCode::UnknownCommand};
  }
  codec::CommandMeta meta;
  if (auto problem = take_envelope(envelope, meta)) return problem;
  const codec::Payload payload = codec::payload_of(envelope);
  json_.clear();
  codec::write_table(json_, *payload.info->table, *payload.table);
  auto read = codec::build_command(builder_, payload.info->name, json_, meta);
  if (!read) return std::move(read.problems.front());
  return std::nullopt;
}

}  // namespace orderlog::http
