// Fills in what the edge knows, lets the codec check the body, and submits.
#include "connectors/http/command_submit.h"

#include "connectors/http/peer_forwarder.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::http {

// The engine refuses what it does not lead before submit() returns: until then the bytes are there,
// so that only what is forwarded is copied.
void CommandSubmitter::submit_or_forward(runtime::AnswerDone done) {
  const std::span<const std::uint8_t> bytes{builder_.GetBufferPointer(), builder_.GetSize()};
  if (forwarder_ == nullptr) return engine_.submit(bytes, std::move(done));
  const std::uint64_t number = submitting_ = ++last_submitted_;
  engine_.submit(bytes,
                 [this, number, bytes, done = std::move(done)](const runtime::Answer& answer) {
                   if (answer.outcome != runtime::Outcome::NotLeading ||
                       answer.leader_address.empty() || submitting_ != number) {
                     return done(answer);
                   }
                   forwarder_->forward(answer, bytes, done);
                 });
  submitting_ = 0;
}

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
  submit_or_forward(std::move(done));
  return {};
}

}  // namespace orderlog::http
