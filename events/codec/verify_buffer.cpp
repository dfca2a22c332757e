#include "events/codec/verify_buffer.h"

#include <cstring>
#include <string>
#include <string_view>

#include "events/codec/expansion.h"
#include "events/codec/json_text.h"
#include "events/codec/payload.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

constexpr std::size_t identifier_end =
    sizeof(flatbuffers::uoffset_t) + flatbuffers::kFileIdentifierLength;

// A name for people and for messages.
template <class Root>
constexpr std::string_view root_name = "Envelope";
template <>
constexpr std::string_view root_name<schema::CommandEnvelope> = "CommandEnvelope";

Error corrupt(std::string_view name, std::string_view what) {
  return error(ErrorCode::Corrupt, "not a valid " + std::string(name) + ": " + std::string(what));
}

bool identifier_fits(const schema::Envelope*, const void* bytes) {
  return schema::EnvelopeBufferHasIdentifier(bytes);
}
bool identifier_fits(const schema::CommandEnvelope*, const void*) { return true; }

// An event's texts were a command's before.
bool texts_fit(const schema::Envelope&, const Payload&) { return true; }
bool texts_fit(const schema::CommandEnvelope&, const Payload& payload) {
  return payload.info == nullptr || texts_are_utf8(*payload.info->table, *payload.table);
}

std::string_view fault_of_id(const schema::Envelope& envelope, const Payload&) {
  const auto* id = envelope.aggregate_id();
  const bool good = id == nullptr || is_utf8({id->c_str(), id->size()});
  return good ? "" : "its aggregate id is not UTF-8";
}

std::string_view fault_of_id(const schema::CommandEnvelope&, const Payload& payload) {
  if (payload.info == nullptr) return "";
  const std::string_view id = id_in(payload);
  if (id.empty()) return "its aggregate id is empty";
  return is_utf8(id) ? "" : "its aggregate id is not UTF-8";
}

}  // namespace

template <class Root>
Result<VerifiedBuffer<Root>> verify_copy(std::span<const std::uint8_t> bytes,
                                         const BufferLimits& limits) {
  constexpr std::string_view name = root_name<Root>;
  if (bytes.size() > limits.bytes_max) {
    return error(ErrorCode::InvalidArgument,
                 std::string(name) + " of " + std::to_string(bytes.size()) +
                     " bytes, more than the limit of " + std::to_string(limits.bytes_max));
  }
  if (bytes.size() < identifier_end) return corrupt(name, "too short");
  VerifiedBuffer<Root> buffer;
  buffer.storage_ = std::make_unique<std::uint64_t[]>(bytes.size() / sizeof(std::uint64_t) + 1);
  buffer.size_ = bytes.size();
  std::memcpy(buffer.storage_.get(), bytes.data(), bytes.size());
  const auto* copy = reinterpret_cast<const std::uint8_t*>(buffer.storage_.get());
  flatbuffers::Verifier verifier(copy, bytes.size(), limits.depth_max, limits.tables_max);
  if (!verifier.template VerifyBuffer<Root>(nullptr)) {
    return corrupt(name, "its structure is broken, too deep or too large");
  }
  buffer.root_ = flatbuffers::GetRoot<Root>(copy);
  if (!identifier_fits(buffer.root_, copy))
    return corrupt(name, "its file identifier is another's");
  // The verifier takes a union whose type is set and whose value is missing; readers do not.
  const Payload payload = payload_of(*buffer.root_);
  if (payload.missing) return corrupt(name, "it has no payload");
  const std::string_view fault = fault_of_id(*buffer.root_, payload);
  if (!fault.empty()) return corrupt(name, fault);
  buffer.known_type_ = payload.info != nullptr;
  const std::size_t expanded_max = bytes.size() * limits.expansion_max;
  if (payload.info != nullptr &&
      !expands_within(*payload.info->table, *payload.table, expanded_max)) {
    return corrupt(name, "its texts and vectors are referred to too often");
  }
  if (!texts_fit(*buffer.root_, payload)) return corrupt(name, "a text in it is not UTF-8");
  return buffer;
}

Result<VerifiedEnvelope> verify_envelope(std::span<const std::uint8_t> bytes,
                                         const BufferLimits& limits) {
  return verify_copy<schema::Envelope>(bytes, limits);
}

Result<VerifiedCommand> verify_command(std::span<const std::uint8_t> bytes,
                                       const BufferLimits& limits) {
  return verify_copy<schema::CommandEnvelope>(bytes, limits);
}

}  // namespace orderlog::codec
