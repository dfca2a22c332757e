#include "connectors/kafka/command_reader.h"

#include "connectors/kafka/media_type.h"
#include "connectors/kafka/structured_event.h"
#include "events/base/hash.h"
#include "events/codec/json_writer.h"
#include "events/codec/payload.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::kafka {

namespace {

constexpr std::string_view attribute_prefix = "ce_";
constexpr std::size_t problems_told_max = 3;
// Ids follow from the source and the event's id, so that a sender can't choose one that stands for
// another command.
constexpr std::uint8_t body_may_set =
    codec::all_meta_members & ~codec::meta_bit(codec::MetaMember::CommandId);

// Confluent's wire format: a zero byte, a schema id of 4 bytes, then Avro, Protobuf or JSON.
constexpr std::size_t confluent_prefix_bytes = 5;

Error bad(std::string why) { return error(ErrorCode::InvalidArgument, std::move(why)); }

Status check_size(Bytes value) {
  if (value.data() == nullptr) return bad("the record has no value: a tombstone is not a command");
  if (value.empty()) return bad("the record's value is empty");
  if (value.size() > command_bytes_max) {
    return bad("the record's value has " + std::to_string(value.size()) +
               " bytes, more than the limit of " + std::to_string(command_bytes_max));
  }
  return {};
}

bool begins_as_object(Bytes value) {
  const std::string_view text = as_text(value);
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '{';
}

// A header whose value is null is one that is not there.
Status take_headers(std::span<const Header> headers, Attributes& attributes) {
  for (const Header& header : headers) {
    if (header.value.data() == nullptr) continue;
    std::optional<Attribute> attribute;
    if (header.name.starts_with(attribute_prefix)) {
      attribute = attribute_of(header.name.substr(attribute_prefix.size()));
      // Its value is the content-type header's, never one of its own.
      if (attribute == Attribute::DataContentType) continue;
    } else if (equal_ignoring_case(header.name, content_type_header)) {
      attribute = Attribute::DataContentType;
    }
    if (!attribute) continue;
    if (const Status status = attributes.set(*attribute, header.value); !status) return status;
  }
  return {};
}

std::optional<Error> confluent_fault(Bytes value) {
  if (value[0] != 0 || value.size() < confluent_prefix_bytes) return std::nullopt;
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < confluent_prefix_bytes; ++i) id = id << 8 | value[i];
  return error(ErrorCode::Unsupported,
               "the value is in Confluent's wire format (a zero byte, then schema id " +
                   std::to_string(id) + "), which is not taken: send JSON, or FlatBuffers as " +
                   std::string(flatbuffers_media_type));
}

std::string told(const codec::MessageInfo& command, const std::vector<codec::Problem>& problems,
                 std::string_view pointer_prefix) {
  std::string text(command.name);
  for (std::size_t i = 0; i < problems.size() && i < problems_told_max; ++i) {
    text += i == 0 ? ": " : "; ";
    if (!problems[i].pointer.empty()) {
      text.append("at ").append(pointer_prefix).append(problems[i].pointer).append(": ");
    }
    text += problems[i].detail;
  }
  if (problems.size() > problems_told_max) {
    text += "; and " + std::to_string(problems.size() - problems_told_max) + " more";
  }
  return text;
}

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view{} : std::string_view(text->c_str(), text->size());
}

// What the envelope itself says wins over the headers.
Status take_envelope(const schema::CommandEnvelope& envelope, codec::CommandMeta& meta) {
  if (*schema::EnumNameRole(envelope.role()) == '\0') return bad("its role is not known");
  if (*schema::EnumNameAuthority(envelope.authority()) == '\0') {
    return bad("its authority is not known");
  }
  if (envelope.role() != schema::Role::None) meta.role = envelope.role();
  if (envelope.authority() != schema::Authority::Normal) meta.authority = envelope.authority();
  if (envelope.occurred_at() != 0) meta.occurred_at = envelope.occurred_at();
  if (const auto version = envelope.expected_version()) meta.expected_version = version;
  if (envelope.correlation_id() != nullptr && !is_nil(*envelope.correlation_id())) {
    meta.correlation_id = *envelope.correlation_id();
  }
  meta.tenant = text_of(envelope.tenant());
  if (!meta.tenant.empty() && !is_actor(meta.tenant)) return bad("its tenant is not a name");
  if (const std::string_view actor = text_of(envelope.actor()); !actor.empty()) {
    if (!is_actor(actor)) {
      return bad("its actor must have 1 to " + std::to_string(actor_bytes_max) +
                 " printable ASCII characters");
    }
    meta.actor = actor;
  }
  return {};
}

}  // namespace

Result<ReadCommand> CommandReader::read(const RecordView& record, TimestampUs occurred_at) {
  if (const Status size = check_size(record.value); !size) return size.error();
  Attributes attributes(Attributes::Mode::Binary);
  if (const Status headers = take_headers(record.headers, attributes); !headers) {
    return headers.error();
  }
  const auto content_type = attributes.get(Attribute::DataContentType).value_or("");
  const MediaKind kind = media_kind(content_type);
  if (kind != MediaKind::FlatBuffers) {
    if (auto fault = confluent_fault(record.value)) return std::move(*fault);
  }
  switch (kind) {
    case MediaKind::StructuredJson:
      return read_structured(as_text(record.value), occurred_at);
    case MediaKind::Absent:
      if (attributes.any()) return read_binary(record, attributes, occurred_at);
      if (begins_as_object(record.value)) {
        return read_structured(as_text(record.value), occurred_at);
      }
      return bad(
          "the record is no CloudEvent: it has no ce_specversion, ce_id, ce_source and ce_type "
          "headers, and its value is no JSON object");
    case MediaKind::FlatBuffers:
    case MediaKind::Json:
      return read_binary(record, attributes, occurred_at);
    case MediaKind::OtherCloudEvents:
    case MediaKind::Other:
      return error(ErrorCode::Unsupported,
                   "content-type " + quote_input(content_type) +
                       " is not taken: send application/json, application/cloudevents+json or " +
                       std::string(flatbuffers_media_type));
  }
  return error(ErrorCode::Internal, "a kind of media that nobody knows");
}

Result<ReadCommand> CommandReader::read_binary(const RecordView& record,
                                               const Attributes& attributes,
                                               TimestampUs occurred_at) {
  if (const Status status = attributes.check_required(); !status) return status.error();
  const auto command = command_named(attributes);
  if (!command) return command.error();
  auto meta = command_meta(attributes, occurred_at);
  if (!meta) return meta.error();
  const auto content_type = attributes.get(Attribute::DataContentType).value_or("");
  if (media_kind(content_type) == MediaKind::FlatBuffers) {
    return read_flatbuffer(record.value, **command, *meta);
  }
  meta->body_may_set = body_may_set;
  return build(**command, as_text(record.value), *meta, "");
}

// Structure is what the gate checks; the rules for ids, dates, enums and numbers are the JSON
// reader's. So the command is written as JSON and read back.
Result<ReadCommand> CommandReader::read_flatbuffer(Bytes value, const codec::MessageInfo& command,
                                                   codec::CommandMeta meta) {
  const auto verified = codec::verify_command(value, {.bytes_max = command_bytes_max});
  if (!verified) return verified.error();
  const schema::CommandEnvelope& envelope = verified->root();
  const codec::Payload payload = codec::payload_of(envelope);
  if (payload.info != &command) {
    const std::string_view found = payload.info == nullptr ? "unknown" : payload.info->name;
    return bad("ce_type says " + std::string(command.name) + ", but the value holds " +
               std::string(found));
  }
  if (const Status status = take_envelope(envelope, meta); !status) {
    return bad(std::string(command.name) + ": " + status.error().message);
  }
  meta.fingerprint = fingerprint64(value);
  if (meta.fingerprint == 0) meta.fingerprint = 1;  // 0: the engine's own
  meta.body_may_set = 0;
  json_.clear();
  codec::write_table(json_, *payload.info->table, *payload.table);
  return build(command, json_, meta, "");
}

Result<ReadCommand> CommandReader::read_structured(std::string_view text, TimestampUs occurred_at) {
  Attributes attributes(Attributes::Mode::Structured);
  const auto data = read_structured_event(text, tape_, attributes);
  if (!data) return data.error();
  const auto command = command_named(attributes);
  if (!command) return command.error();
  auto meta = command_meta(attributes, occurred_at);
  if (!meta) return meta.error();
  meta->body_may_set = body_may_set;
  return build(**command, *data, *meta, "/data");
}

Result<ReadCommand> CommandReader::build(const codec::MessageInfo& command, std::string_view body,
                                         const codec::CommandMeta& meta,
                                         std::string_view pointer_prefix) {
  const auto read = codec::build_command(builder_, command.name, body, meta);
  if (!read) return bad(told(command, read.problems, pointer_prefix));
  const Bytes bytes{builder_.GetBufferPointer(), builder_.GetSize()};
  const auto& envelope = *flatbuffers::GetRoot<schema::CommandEnvelope>(bytes.data());
  if (envelope.authority() == schema::Authority::System) {
    return bad(std::string(command.name) + ": authority must be Normal or Import");
  }
  if (envelope.actor()->size() > actor_bytes_max) {
    return bad(std::string(command.name) + ": the actor has more than " +
               std::to_string(actor_bytes_max) + " bytes");
  }
  return ReadCommand{.envelope = bytes,
                     .command = read.built->command,
                     .aggregate_id = read.built->aggregate_id,
                     .command_id = read.built->command_id};
}

}  // namespace orderlog::kafka
