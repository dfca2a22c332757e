// Fills in what the edge knows, lets the codec check the body, and submits.
#include "connectors/http/command_submit.h"

#include "events/schema/envelope_generated.h"

namespace orderlog::http {

std::vector<codec::Problem> CommandSubmitter::submit(std::string_view command,
                                                     std::string_view body,
                                                     const CommandHeaders& headers,
                                                     std::string_view key,
                                                     runtime::AnswerDone done) {
  codec::CommandMeta meta;
  meta.command_id = key.empty() ? new_uuid_v7(wall_clock_.now()) : command_id_of_key(command, key);
  meta.occurred_at = engine_.business_now();
  meta.actor = headers.actor;
  meta.role = headers.role;
  meta.authority = headers.authority;
  meta.correlation_id = headers.correlation_id;
  meta.expected_version = headers.expected_version;
  // Ids follow from keys, so that a client can't choose one that stands for another command.
  meta.body_may_set = codec::all_meta_members & ~codec::meta_bit(codec::MetaMember::CommandId);
  auto read = codec::build_command(builder_, command, body, meta);
  if (!read) return std::move(read.problems);
  const auto& envelope =
      *flatbuffers::GetRoot<schema::CommandEnvelope>(builder_.GetBufferPointer());
  if (envelope.authority() == schema::Authority::System) {
    return {{"/authority", "must be Normal or Import", codec::ProblemCode::OutOfRange}};
  }
  if (envelope.actor() != nullptr && envelope.actor()->size() > actor_bytes_max) {
    return {{"/actor", "has more than 128 bytes", codec::ProblemCode::OutOfRange}};
  }
  engine_.submit({builder_.GetBufferPointer(), builder_.GetSize()}, std::move(done));
  return {};
}

}  // namespace orderlog::http
