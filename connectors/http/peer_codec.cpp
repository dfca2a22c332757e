// The enums are mapped by name in both directions: their numbers on the wire are the schema's.
#include "connectors/http/peer_codec.h"

#include <cstring>
#include <optional>
#include <string>

#include "events/base/ensure.h"
#include "events/codec/json_text.h"
#include "events/schema/peer_generated.h"

namespace orderlog::http {

namespace {

using runtime::Answer;
using runtime::Outcome;

constexpr const char* request_identifier = "OLPQ";
constexpr const char* response_identifier = "OLPA";
constexpr std::uint32_t depth_max = 8;
constexpr std::uint32_t tables_max = 1'000'000;
constexpr std::size_t uuid_bytes = 16;

schema::PeerOutcome to_wire(Outcome outcome) {
  switch (outcome) {
    case Outcome::Accepted:
      return schema::PeerOutcome::Accepted;
    case Outcome::Rejected:
      return schema::PeerOutcome::Rejected;
    case Outcome::KeyReused:
      return schema::PeerOutcome::KeyReused;
    case Outcome::Unavailable:
      return schema::PeerOutcome::Unavailable;
    case Outcome::Stopping:
      return schema::PeerOutcome::Stopping;
    case Outcome::NotLeading:
      return schema::PeerOutcome::NotLeading;
    case Outcome::Unknown:
      return schema::PeerOutcome::Unknown;
  }
  ORDERLOG_ENSURE(false, "an outcome that is none");
}

std::optional<Outcome> from_wire(schema::PeerOutcome outcome) {
  switch (outcome) {
    case schema::PeerOutcome::None:
      return std::nullopt;
    case schema::PeerOutcome::Accepted:
      return Outcome::Accepted;
    case schema::PeerOutcome::Rejected:
      return Outcome::Rejected;
    case schema::PeerOutcome::KeyReused:
      return Outcome::KeyReused;
    case schema::PeerOutcome::Unavailable:
      return Outcome::Unavailable;
    case schema::PeerOutcome::Stopping:
      return Outcome::Stopping;
    case schema::PeerOutcome::NotLeading:
      return Outcome::NotLeading;
    case schema::PeerOutcome::Unknown:
      return Outcome::Unknown;
  }
  return std::nullopt;
}

schema::PeerRejectionCode to_wire(engine::RejectionCode code) {
  switch (code) {
    case engine::RejectionCode::InvalidTransition:
      return schema::PeerRejectionCode::InvalidTransition;
    case engine::RejectionCode::NotFound:
      return schema::PeerRejectionCode::NotFound;
    case engine::RejectionCode::AlreadyExists:
      return schema::PeerRejectionCode::AlreadyExists;
    case engine::RejectionCode::InvalidArgument:
      return schema::PeerRejectionCode::InvalidArgument;
    case engine::RejectionCode::VersionConflict:
      return schema::PeerRejectionCode::VersionConflict;
    case engine::RejectionCode::Forbidden:
      return schema::PeerRejectionCode::Forbidden;
    case engine::RejectionCode::InsufficientStock:
      return schema::PeerRejectionCode::InsufficientStock;
    case engine::RejectionCode::CreditRefused:
      return schema::PeerRejectionCode::CreditRefused;
    case engine::RejectionCode::Duplicate:
      return schema::PeerRejectionCode::Duplicate;
    case engine::RejectionCode::CurrencyMismatch:
      return schema::PeerRejectionCode::CurrencyMismatch;
    case engine::RejectionCode::Overflow:
      return schema::PeerRejectionCode::Overflow;
    case engine::RejectionCode::LimitExceeded:
      return schema::PeerRejectionCode::LimitExceeded;
    case engine::RejectionCode::Expired:
      return schema::PeerRejectionCode::Expired;
    case engine::RejectionCode::EngineOnly:
      return schema::PeerRejectionCode::EngineOnly;
  }
  ORDERLOG_ENSURE(false, "a rejection code that is none");
}

std::optional<engine::RejectionCode> from_wire(schema::PeerRejectionCode code) {
  switch (code) {
    case schema::PeerRejectionCode::None:
      return std::nullopt;
    case schema::PeerRejectionCode::InvalidTransition:
      return engine::RejectionCode::InvalidTransition;
    case schema::PeerRejectionCode::NotFound:
      return engine::RejectionCode::NotFound;
    case schema::PeerRejectionCode::AlreadyExists:
      return engine::RejectionCode::AlreadyExists;
    case schema::PeerRejectionCode::InvalidArgument:
      return engine::RejectionCode::InvalidArgument;
    case schema::PeerRejectionCode::VersionConflict:
      return engine::RejectionCode::VersionConflict;
    case schema::PeerRejectionCode::Forbidden:
      return engine::RejectionCode::Forbidden;
    case schema::PeerRejectionCode::InsufficientStock:
      return engine::RejectionCode::InsufficientStock;
    case schema::PeerRejectionCode::CreditRefused:
      return engine::RejectionCode::CreditRefused;
    case schema::PeerRejectionCode::Duplicate:
      return engine::RejectionCode::Duplicate;
    case schema::PeerRejectionCode::CurrencyMismatch:
      return engine::RejectionCode::CurrencyMismatch;
    case schema::PeerRejectionCode::Overflow:
      return engine::RejectionCode::Overflow;
    case schema::PeerRejectionCode::LimitExceeded:
      return engine::RejectionCode::LimitExceeded;
    case schema::PeerRejectionCode::Expired:
      return engine::RejectionCode::Expired;
    case schema::PeerRejectionCode::EngineOnly:
      return engine::RejectionCode::EngineOnly;
  }
  return std::nullopt;
}

using Text = flatbuffers::Offset<flatbuffers::String>;

Text text_if_any(flatbuffers::FlatBufferBuilder& out, std::string_view text) {
  if (text.empty()) return {};
  return out.CreateString(text.data(), text.size());
}

flatbuffers::Offset<schema::PeerAnswer> write_answer(flatbuffers::FlatBufferBuilder& out,
                                                     const Answer& answer) {
  std::vector<flatbuffers::Offset<schema::PeerEvent>> listed;
  listed.reserve(answer.events.size());
  for (const runtime::AnsweredEvent& event : answer.events) {
    const Text type = text_if_any(out, event.type);
    listed.push_back(schema::CreatePeerEvent(out, type, event.seq.value, &event.event_id));
  }
  const auto events = listed.empty() ? 0 : out.CreateVector(listed);
  flatbuffers::Offset<schema::PeerRejection> rejection;
  if (answer.rejection) {
    const Text pointer = text_if_any(out, answer.rejection->pointer);
    const Text detail = text_if_any(out, answer.rejection->detail);
    rejection = schema::CreatePeerRejection(out, to_wire(answer.rejection->code), pointer, detail);
  }
  const Text aggregate = text_if_any(out, answer.aggregate);
  const Text aggregate_id = text_if_any(out, answer.aggregate_id);
  const Text leader_address = text_if_any(out, answer.leader_address);
  const Text reason = text_if_any(out, answer.reason);
  schema::PeerAnswerBuilder built(out);
  built.add_outcome(to_wire(answer.outcome));
  built.add_command_id(&answer.command_id);
  built.add_aggregate(aggregate);
  built.add_aggregate_id(aggregate_id);
  built.add_version(answer.version);
  built.add_partition(answer.partition.value);
  built.add_position(answer.position.value);
  built.add_events(events);
  built.add_replayed(answer.replayed);
  built.add_rejection(rejection);
  if (answer.current_version) built.add_current_version(*answer.current_version);
  built.add_leader_address(leader_address);
  built.add_reason(reason);
  return built.Finish();
}

// Readers look at numbers in place: they must lie where numbers may.
std::unique_ptr<std::uint64_t[]> aligned_copy(std::string_view bytes) {
  auto copy = std::make_unique<std::uint64_t[]>(bytes.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  return copy;
}

template <class Root>
Result<const Root*> verified(const std::uint64_t* bytes, std::size_t size, const char* identifier) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes), size, depth_max,
                                 tables_max);
  if (size < 2 * sizeof(flatbuffers::uoffset_t) || !verifier.VerifyBuffer<Root>(identifier)) {
    return error(ErrorCode::Corrupt, "not a buffer that nodes send each other");
  }
  return flatbuffers::GetRoot<Root>(bytes);
}

Error too_large(std::string_view what, std::size_t found, std::size_t limit) {
  return error(ErrorCode::InvalidArgument, std::to_string(found) + " " + std::string(what) +
                                               ", more than the limit of " + std::to_string(limit));
}

// Offsets may lead to the same text again and again. Nobody who means well writes so, so what is
// copied out of a buffer is never more than the buffer.
class AnswerReader {
 public:
  explicit AnswerReader(std::size_t bytes) : left_(bytes) {}

  Result<Answer> read(const schema::PeerAnswer& from) {
    Answer answer;
    const auto outcome = from_wire(from.outcome());
    if (!outcome) return error(ErrorCode::Unsupported, "an outcome of another version");
    answer.outcome = *outcome;
    if (from.command_id() != nullptr) answer.command_id = *from.command_id();
    answer.version = from.version();
    answer.partition = PartitionId(from.partition());
    answer.position = Sequence(from.position());
    answer.replayed = from.replayed();
    if (const auto version = from.current_version()) answer.current_version = *version;
    if (!take(from.aggregate(), answer.aggregate) ||
        !take(from.aggregate_id(), answer.aggregate_id) ||
        !take(from.leader_address(), answer.leader_address) ||
        !take(from.reason(), answer.reason) || !take_events(from, answer)) {
      return error(ErrorCode::Corrupt, "a text that is not UTF-8, or too many");
    }
    if (answer.outcome == Outcome::Rejected) {
      if (const Status read = take_rejection(from, answer); !read) return read.error();
    }
    return answer;
  }

 private:
  bool spend(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

  bool take(const flatbuffers::String* from, std::string& into) {
    if (from == nullptr) return true;
    const std::string_view text(from->c_str(), from->size());
    if (!spend(text.size()) || !codec::is_utf8(text)) return false;
    into = text;
    return true;
  }

  bool take_events(const schema::PeerAnswer& from, Answer& answer) {
    if (from.events() == nullptr) return true;
    for (const schema::PeerEvent* event : *from.events()) {
      if (event->event_id() == nullptr || !spend(uuid_bytes)) return false;
      auto& read = answer.events.emplace_back();
      read.seq = Sequence(event->seq());
      read.event_id = *event->event_id();
      if (!take(event->type(), read.type)) return false;
    }
    return true;
  }

  Status take_rejection(const schema::PeerAnswer& from, Answer& answer) {
    const schema::PeerRejection* why = from.rejection();
    if (why == nullptr) return error(ErrorCode::Corrupt, "a rejection without its reason");
    const auto code = from_wire(why->code());
    if (!code) return error(ErrorCode::Unsupported, "a rejection of another version");
    answer.rejection.emplace(engine::Rejection{*code, {}, {}});
    if (!take(why->pointer(), answer.rejection->pointer) ||
        !take(why->detail(), answer.rejection->detail)) {
      return error(ErrorCode::Corrupt, "a text that is not UTF-8");
    }
    return {};
  }

  std::size_t left_;
};

}  // namespace

void write_peer_request(flatbuffers::FlatBufferBuilder& out, std::string_view log,
                        std::span<const CommandBytes> commands) {
  out.Clear();
  std::vector<flatbuffers::Offset<schema::PeerCommand>> listed;
  listed.reserve(commands.size());
  for (const CommandBytes command : commands) {
    out.ForceVectorAlignment(command.size(), sizeof(std::uint8_t), sizeof(std::uint64_t));
    const auto bytes = out.CreateVector(command.data(), command.size());
    listed.push_back(schema::CreatePeerCommand(out, bytes));
  }
  const auto list = out.CreateVector(listed);
  const Text name = text_if_any(out, log);
  out.Finish(schema::CreatePeerRequest(out, name, list), request_identifier);
}

Result<PeerRequestRead> read_peer_request(std::string_view bytes) {
  if (bytes.size() > peer_request_bytes_max) {
    return too_large("bytes", bytes.size(), peer_request_bytes_max);
  }
  PeerRequestRead read;
  read.storage = aligned_copy(bytes);
  const auto root =
      verified<schema::PeerRequest>(read.storage.get(), bytes.size(), request_identifier);
  if (!root) return root.error();
  const schema::PeerRequest& request = **root;
  if (request.log() != nullptr) read.log = {request.log()->c_str(), request.log()->size()};
  if (request.commands() == nullptr) return read;
  if (request.commands()->size() > peer_commands_max) {
    return too_large("commands", request.commands()->size(), peer_commands_max);
  }
  std::size_t left = bytes.size();
  for (const schema::PeerCommand* command : *request.commands()) {
    const auto* envelope = command->envelope();
    const std::size_t size = envelope == nullptr ? 0 : envelope->size();
    if (size > left) return error(ErrorCode::Corrupt, "commands that are more than their bytes");
    left -= size;
    read.commands.emplace_back(size == 0 ? nullptr : envelope->data(), size);
  }
  return read;
}

void write_peer_response(flatbuffers::FlatBufferBuilder& out, std::span<const Answer> answers) {
  out.Clear();
  std::vector<flatbuffers::Offset<schema::PeerAnswer>> listed;
  listed.reserve(answers.size());
  for (const Answer& answer : answers) listed.push_back(write_answer(out, answer));
  const auto list = out.CreateVector(listed);
  out.Finish(schema::CreatePeerResponse(out, list), response_identifier);
}

Result<std::vector<Result<Answer>>> read_peer_response(std::string_view bytes) {
  if (bytes.size() > peer_response_bytes_max) {
    return too_large("bytes", bytes.size(), peer_response_bytes_max);
  }
  const auto storage = aligned_copy(bytes);
  const auto root =
      verified<schema::PeerResponse>(storage.get(), bytes.size(), response_identifier);
  if (!root) return root.error();
  std::vector<Result<Answer>> answers;
  if ((*root)->answers() == nullptr) return answers;
  if ((*root)->answers()->size() > peer_commands_max) {
    return too_large("answers", (*root)->answers()->size(), peer_commands_max);
  }
  AnswerReader reader(bytes.size());
  for (const schema::PeerAnswer* answer : *(*root)->answers()) {
    answers.push_back(reader.read(*answer));
  }
  return answers;
}

}  // namespace orderlog::http
