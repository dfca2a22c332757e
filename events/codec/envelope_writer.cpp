// The two envelopes as flat objects.
#include "events/base/uuid.h"
#include "events/codec/json_text.h"
#include "events/codec/json_writer.h"
#include "events/codec/payload.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

class FlatObject {
 public:
  explicit FlatObject(std::string& out) : out_(out) {}

  void name(std::string_view text) {
    out_ += first_ ? "{\"" : ",\"";
    first_ = false;
    out_.append(text).append("\":");
  }
  void id(std::string_view member, const Uuid* value) {
    if (value == nullptr || is_nil(*value)) return;
    name(member);
    append_uuid(out_, value->hi(), value->lo());
  }
  void text(std::string_view member, const flatbuffers::String* value) {
    if (value != nullptr) text(member, std::string_view(value->c_str(), value->size()));
  }
  void text(std::string_view member, std::string_view value) {
    if (value.empty()) return;
    name(member);
    append_json_text(out_, value);
  }
  void number(std::string_view member, std::uint64_t value) {
    name(member);
    append_unsigned(out_, value);
  }
  void time(std::string_view member, TimestampUs value) {
    name(member);
    append_timestamp(out_, value);
  }
  template <class Enum>
  void enumerator(std::string_view member, const char* value, Enum number) {
    name(member);
    if (*value == '\0') return append_unsigned(out_, static_cast<std::uint64_t>(number));
    append_json_text(out_, value);
  }
  void type(const Payload& payload) {
    text("type", payload.info != nullptr ? payload.info->name : "Unknown");
    if (payload.info != nullptr) return text("aggregate", payload.info->aggregate);
    name("type_numbers");
    out_ += '[';
    append_unsigned(out_, payload.wrapper_type);
    out_ += ',';
    append_unsigned(out_, payload.message_type);
    out_ += ']';
  }
  void data(const Payload& payload) {
    if (payload.info != nullptr) {
      name("data");
      write_table(out_, *payload.info->table, *payload.table);
    }
    out_ += '}';
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace

void write_envelope(std::string& out, const schema::Envelope& envelope) {
  const Payload payload = payload_of(envelope);
  FlatObject object(out);
  object.id("event_id", envelope.event_id());
  object.type(payload);
  object.text("aggregate_id", envelope.aggregate_id());
  object.number("version", envelope.aggregate_version());
  object.number("partition", envelope.partition());
  object.number("seq", envelope.seq());
  object.number("term", envelope.term());
  object.number("schema_version", envelope.schema_version());
  object.time("occurred_at", envelope.occurred_at());
  object.time("recorded_at", envelope.recorded_at());
  object.text("actor", envelope.actor());
  object.enumerator("role", EnumNameRole(envelope.role()), envelope.role());
  object.enumerator("authority", EnumNameAuthority(envelope.authority()), envelope.authority());
  object.id("command_id", envelope.command_id());
  object.id("correlation_id", envelope.correlation_id());
  object.id("causation_id", envelope.causation_id());
  object.text("tenant", envelope.tenant());
  object.data(payload);
}

void write_command(std::string& out, const schema::CommandEnvelope& envelope) {
  const Payload payload = payload_of(envelope);
  FlatObject object(out);
  object.id("command_id", envelope.command_id());
  object.type(payload);
  object.text("aggregate_id", id_in(payload));
  object.time("occurred_at", envelope.occurred_at());
  object.text("actor", envelope.actor());
  object.enumerator("role", EnumNameRole(envelope.role()), envelope.role());
  object.enumerator("authority", EnumNameAuthority(envelope.authority()), envelope.authority());
  object.id("correlation_id", envelope.correlation_id());
  object.id("causation_id", envelope.causation_id());
  object.text("tenant", envelope.tenant());
  if (envelope.expected_version().has_value()) {
    object.number("expected_version", *envelope.expected_version());
  }
  object.data(payload);
}

std::string_view event_type(const schema::Envelope& envelope) {
  const Payload payload = payload_of(envelope);
  return payload.info == nullptr ? "Unknown" : payload.info->name;
}

std::string_view command_type(const schema::CommandEnvelope& envelope) {
  const Payload payload = payload_of(envelope);
  return payload.info == nullptr ? "Unknown" : payload.info->name;
}

std::string_view aggregate_id_of(const schema::CommandEnvelope& envelope) {
  return id_in(payload_of(envelope));
}

}  // namespace orderlog::codec
