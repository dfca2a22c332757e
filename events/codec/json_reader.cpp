#include "events/codec/json_reader.h"

#include <utility>

#include "events/base/hash.h"
#include "events/codec/json_binder.h"
#include "events/codec/json_scalars.h"
#include "events/codec/json_tape.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

JsonTape& thread_tape() {
  thread_local JsonTape tape;
  return tape;
}

Problem to_problem(TapeProblem&& problem) {
  const ProblemCode code = problem.error == TapeError::TooDeep    ? ProblemCode::TooDeep
                           : problem.error == TapeError::TooLarge ? ProblemCode::TooLarge
                                                                  : ProblemCode::Malformed;
  return {"", std::move(problem.detail), code};
}

constexpr std::size_t meta_members = 7;
constexpr std::string_view meta_names[meta_members] = {
    "command_id", "occurred_at", "expected_version", "actor",
    "role",       "authority",   "correlation_id"};

// The reserved members of a command's body: they go into the envelope, not into the command.
class MetaMembers : public ExtraMembers {
 public:
  explicit MetaMembers(CommandMeta& meta) : meta_(meta) {}
  void report_to(JsonBinder& binder) { binder_ = &binder; }

  bool take(std::string_view name, const Node& value, const JsonPath& path) override {
    for (std::size_t i = 0; i < meta_members; ++i) {
      if (name != meta_names[i]) continue;
      const auto member = static_cast<MetaMember>(i);
      if (!(meta_.body_may_set & meta_bit(member))) return false;
      if (seen_ & meta_bit(member)) {
        binder_->report(ProblemCode::Duplicate, path, "given more than once");
      } else if (value.kind != NodeKind::Null) {
        set(member, value, path);
      }
      seen_ |= meta_bit(member);
      return true;
    }
    return false;
  }

 private:
  void set(MetaMember member, const Node& value, const JsonPath& path) {
    switch (member) {
      case MetaMember::CommandId:
        return set_id(meta_.command_id, value, path);
      case MetaMember::CorrelationId:
        return set_id(meta_.correlation_id, value, path);
      case MetaMember::OccurredAt:
        meta_.occurred_at = static_cast<TimestampUs>(scalar(member, value, path));
        return;
      case MetaMember::ExpectedVersion:
        meta_.expected_version = scalar(member, value, path);
        return;
      case MetaMember::Role:
        meta_.role = static_cast<schema::Role>(scalar(member, value, path));
        return;
      case MetaMember::Authority:
        meta_.authority = static_cast<schema::Authority>(scalar(member, value, path));
        return;
      case MetaMember::Actor:
        return set_actor(value, path);
    }
  }

  // Read as the envelope's field of the same name.
  std::uint64_t scalar(MetaMember member, const Node& value, const JsonPath& path) {
    static const TableInfo& envelope = *SchemaRegistry::builtin().table("CommandEnvelope");
    const FieldInfo& field = *envelope.by_name(to_string(member));
    ScalarRead read = read_scalar(field, field.kind, value);
    if (!read.ok) binder_->report(read.code, path, std::move(read.detail));
    return read.bits;
  }

  void set_id(Uuid& id, const Node& value, const JsonPath& path) {
    UuidRead read = read_uuid(value);
    if (!read.ok) return binder_->report(read.code, path, std::move(read.detail));
    id = Uuid(read.hi, read.lo);
    if (is_nil(id)) binder_->report(ProblemCode::OutOfRange, path, "must not be all zeros");
  }

  void set_actor(const Node& value, const JsonPath& path) {
    if (value.kind != NodeKind::Text) {
      return binder_->report(ProblemCode::WrongType, path, "a text is due, not " + describe(value));
    }
    std::string fault = id_fault(value.text);
    if (!fault.empty()) return binder_->report(ProblemCode::OutOfRange, path, std::move(fault));
    meta_.actor = value.text;
  }

  CommandMeta& meta_;
  JsonBinder* binder_ = nullptr;
  std::uint8_t seen_ = 0;
};

flatbuffers::uoffset_t wrap(flatbuffers::FlatBufferBuilder& fbb, const MessageInfo& message,
                            flatbuffers::uoffset_t table) {
  const flatbuffers::uoffset_t start = fbb.StartTable();
  fbb.AddOffset(message.slot->offset, flatbuffers::Offset<void>(table));
  fbb.AddElement<std::uint8_t>(message.slot->type_offset, message.message_type);
  return fbb.EndTable(start);
}

flatbuffers::Offset<flatbuffers::String> text_if_any(flatbuffers::FlatBufferBuilder& fbb,
                                                     std::string_view text) {
  if (text.empty()) return {};
  return fbb.CreateString(text.data(), text.size());
}

void finish_envelope(flatbuffers::FlatBufferBuilder& fbb, const MessageInfo& message,
                     const CommandMeta& meta, flatbuffers::uoffset_t table) {
  const flatbuffers::uoffset_t payload = wrap(fbb, message, table);
  const auto actor = text_if_any(fbb, meta.actor);
  const auto tenant = text_if_any(fbb, meta.tenant);
  const Uuid correlation = is_nil(meta.correlation_id) ? meta.command_id : meta.correlation_id;
  schema::CommandEnvelopeBuilder envelope(fbb);
  envelope.add_command_id(&meta.command_id);
  envelope.add_correlation_id(&correlation);
  if (!is_nil(meta.causation_id)) envelope.add_causation_id(&meta.causation_id);
  envelope.add_occurred_at(meta.occurred_at);
  if (meta.expected_version) envelope.add_expected_version(*meta.expected_version);
  envelope.add_fingerprint(meta.fingerprint);
  envelope.add_actor(actor);
  envelope.add_tenant(tenant);
  envelope.add_payload(flatbuffers::Offset<void>(payload));
  envelope.add_role(meta.role);
  envelope.add_authority(meta.authority);
  envelope.add_payload_type(static_cast<schema::AnyCommand>(message.wrapper_type));
  fbb.Finish(envelope.Finish());
}

// The name is part of it: the same body sent as another command is another request.
std::uint64_t fingerprint_of(std::string_view name, std::string_view body) {
  const std::uint64_t value = fingerprint64(body) ^ fingerprint64(name) * 0x9E3779B97F4A7C15;
  return value == 0 ? 1 : value;
}

TableRead read_as(flatbuffers::FlatBufferBuilder& fbb, const TableInfo& table,
                  std::string_view json) {
  TableRead read;
  JsonTape& tape = thread_tape();
  if (auto problem = tape.parse(json)) {
    read.problems.push_back(to_problem(std::move(*problem)));
    return read;
  }
  read.root = JsonBinder(fbb, tape.nodes(), false, read.problems).bind_root(table);
  return read;
}

TableRead unknown(std::string_view what, std::string_view name) {
  TableRead read;
  read.problems.push_back(
      {"", "no " + std::string(what) + " " + quote_input(name), ProblemCode::UnknownCommand});
  return read;
}

}  // namespace

std::string_view to_string(ProblemCode code) {
  switch (code) {
    case ProblemCode::UnknownCommand:
      return "UnknownCommand";
    case ProblemCode::UnknownField:
      return "UnknownField";
    case ProblemCode::WrongType:
      return "WrongType";
    case ProblemCode::MissingField:
      return "MissingField";
    case ProblemCode::OutOfRange:
      return "OutOfRange";
    case ProblemCode::Duplicate:
      return "Duplicate";
    case ProblemCode::Malformed:
      return "Malformed";
    case ProblemCode::TooDeep:
      return "TooDeep";
    case ProblemCode::TooLarge:
      return "TooLarge";
  }
  return "Unknown";
}

std::string_view to_string(MetaMember member) {
  return meta_names[static_cast<std::size_t>(member)];
}

CommandRead build_command(flatbuffers::FlatBufferBuilder& fbb, std::string_view command_name,
                          std::string_view json_body, const CommandMeta& given) {
  CommandRead read;
  fbb.Clear();
  const MessageInfo* command = SchemaRegistry::builtin().command(command_name);
  if (command == nullptr) {
    read.problems = unknown("command", command_name).problems;
    return read;
  }
  JsonTape& tape = thread_tape();
  if (auto problem = tape.parse(json_body)) {
    read.problems.push_back(to_problem(std::move(*problem)));
    return read;
  }
  CommandMeta meta = given;
  if (meta.fingerprint == 0) meta.fingerprint = fingerprint_of(command_name, json_body);
  MetaMembers extra(meta);
  JsonBinder binder(fbb, tape.nodes(), true, read.problems);
  extra.report_to(binder);
  const flatbuffers::uoffset_t table = binder.bind_root(*command->table, &extra);
  if (table == 0) return read;
  finish_envelope(fbb, *command, meta, table);
  const std::uint8_t* end = fbb.GetBufferPointer() + fbb.GetSize();
  const auto* id = reinterpret_cast<const flatbuffers::String*>(end - binder.first_text());
  read.built = BuiltCommand{.command = command,
                            .aggregate_id = {id->c_str(), id->size()},
                            .command_id = meta.command_id,
                            .fingerprint = meta.fingerprint};
  return read;
}

TableRead read_table(flatbuffers::FlatBufferBuilder& fbb, const TableInfo& table,
                     std::string_view json) {
  return read_as(fbb, table, json);
}

TableRead read_table(flatbuffers::FlatBufferBuilder& fbb, std::string_view table_name,
                     std::string_view json) {
  const TableInfo* table = SchemaRegistry::builtin().table(table_name);
  if (table == nullptr || table->is_struct) return unknown("table", table_name);
  return read_as(fbb, *table, json);
}

TableRead read_message(flatbuffers::FlatBufferBuilder& fbb, std::string_view message_name,
                       std::string_view json) {
  const SchemaRegistry& registry = SchemaRegistry::builtin();
  const MessageInfo* message = registry.command(message_name);
  if (message == nullptr) message = registry.event(message_name);
  if (message == nullptr) return unknown("command or event", message_name);
  TableRead read = read_as(fbb, *message->table, json);
  if (read) read.root = wrap(fbb, *message, read.root);
  return read;
}

}  // namespace orderlog::codec
