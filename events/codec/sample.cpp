#include "events/codec/sample.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "events/base/hash.h"
#include "events/base/time.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

using flatbuffers::uoffset_t;

constexpr int depth_max = 8;

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return mixed ^ mixed >> 31;
  }
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::uint64_t state_;
};

std::uint64_t low_bytes(std::uint64_t value, std::uint8_t bytes) {
  return bytes >= 8 ? value : value & ((std::uint64_t{1} << 8 * bytes) - 1);
}

class Filler {
 public:
  Filler(flatbuffers::FlatBufferBuilder& builder, const SampleStyle& style)
      : builder_(builder), full_(style.full), numbers_(style.seed) {}

  uoffset_t table(const TableInfo& info, int depth) {
    std::array<std::uint64_t, table_fields_max> values{};
    std::array<bool, table_fields_max> present{};
    std::array<std::uint8_t, table_fields_max> types{};
    for (std::size_t i = 0; i < info.fields.size(); ++i) {
      const FieldInfo& field = info.fields[i];
      const bool too_deep = depth >= depth_max && !field.required;
      present[i] = field.required || (!too_deep && (full_ || numbers_.below(2) == 0));
      if (present[i]) values[i] = child(field, depth, types[i]);
    }
    const uoffset_t start = builder_.StartTable();
    for (const std::uint8_t i : info.write_order) {
      if (present[i]) add(info.fields[i], values[i], types[i]);
    }
    return builder_.EndTable(start);
  }

 private:
  std::uint64_t child(const FieldInfo& field, int depth, std::uint8_t& type) {
    switch (field.kind) {
      case ValueKind::Number:
      case ValueKind::Enum:
      case ValueKind::Date:
      case ValueKind::Timestamp:
        return scalar(field, field.kind, false);
      case ValueKind::String:
        return text(field);
      case ValueKind::Table:
        return table(*field.table, depth + 1);
      case ValueKind::Vector:
        return vector(field, depth);
      case ValueKind::Union:
        return one_of(*field.enumeration, depth, type);
      case ValueKind::Uuid:
      case ValueKind::Struct:
        return 0;
    }
    return 0;
  }

  void add(const FieldInfo& field, std::uint64_t value, std::uint8_t type) {
    if (field.kind == ValueKind::Struct || field.kind == ValueKind::Uuid) {
      std::uint8_t bytes[struct_bytes_max] = {};
      // All zero would mean that there is none.
      do {
        structure(*field.table, bytes);
      } while (field.table->zero_is_absent &&
               std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; }));
      builder_.Align(field.table->align);
      builder_.PushBytes(bytes, field.table->bytes);
      builder_.AddStructOffset(field.offset, builder_.GetSize());
      return;
    }
    if (field.kind == ValueKind::Vector || field.scalar_bytes == 0) {
      builder_.AddOffset(field.offset, flatbuffers::Offset<void>(static_cast<uoffset_t>(value)));
      if (field.kind == ValueKind::Union) builder_.AddElement(field.type_offset, type);
      return;
    }
    switch (field.scalar_bytes) {
      case 1:
        return builder_.AddElement(field.offset, static_cast<std::uint8_t>(value));
      case 2:
        return builder_.AddElement(field.offset, static_cast<std::uint16_t>(value));
      case 4:
        return builder_.AddElement(field.offset, static_cast<std::uint32_t>(value));
      default:
        return builder_.AddElement(field.offset, value);
    }
  }

  std::uint64_t scalar(const FieldInfo& field, ValueKind kind, bool in_struct) {
    if (kind == ValueKind::Enum) {
      const auto& members = field.enumeration->members;
      const std::size_t first = in_struct && members.size() > 1 ? 1 : 0;
      return static_cast<std::uint64_t>(
          members[first + numbers_.below(members.size() - first)].value);
    }
    if (kind == ValueKind::Date) {
      return static_cast<std::uint64_t>(
          day_min + static_cast<std::int64_t>(numbers_.below(std::uint64_t{day_max - day_min})));
    }
    if (kind == ValueKind::Timestamp) return timestamp();
    if (field.scalar == ScalarKind::Bool) return numbers_.below(2);
    if (field.scalar == ScalarKind::F64) return std::bit_cast<std::uint64_t>(0.5 * small());
    if (field.scalar == ScalarKind::F32) return std::bit_cast<std::uint32_t>(0.5F * small());
    return low_bytes(integer(), field.scalar_bytes);
  }

  int small() { return static_cast<int>(numbers_.below(1'000)); }

  std::uint64_t integer() {
    if (full_) return numbers_.below(100);
    constexpr std::uint64_t extremes[] = {0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63,
                                          ~(std::uint64_t{1} << 63)};
    return numbers_.below(3) == 0 ? extremes[numbers_.below(5)] : numbers_.next();
  }

  std::uint64_t timestamp() {
    const auto days = static_cast<std::uint64_t>(day_max - day_min);
    const auto day = day_min + static_cast<std::int64_t>(numbers_.below(days));
    constexpr std::uint64_t units[] = {us_per_second, us_per_ms, 1};
    const std::uint64_t unit = units[numbers_.below(3)];
    const std::uint64_t in_day = numbers_.below(us_per_day) / unit * unit;
    return static_cast<std::uint64_t>(day * us_per_day + static_cast<std::int64_t>(in_day));
  }

  uoffset_t text(const FieldInfo& field) {
    std::string value;
    if (full_ || field.is_id) {
      value = std::string(field.name) + "-" + std::to_string(numbers_.below(1'000));
    } else {
      constexpr const char* pieces[] = {"a",    "B c", "\"", "\\", "\n", "\x01",
                                        "\x7F", "é",   "汉", "𝄞",  "/~"};
      for (std::uint64_t i = numbers_.below(6); i > 0; --i) value += pieces[numbers_.below(11)];
    }
    return builder_.CreateString(value).o;
  }

  uoffset_t one_of(const EnumInfo& info, int depth, std::uint8_t& type) {
    const EnumMember& member = info.members[1 + numbers_.below(info.members.size() - 1)];
    type = static_cast<std::uint8_t>(member.value);
    return table(*member.table, depth + 1);
  }

  uoffset_t vector(const FieldInfo& field, int depth) {
    const std::size_t count = full_ ? 2 : numbers_.below(4);
    if (field.element == ValueKind::String || field.element == ValueKind::Table) {
      std::vector<flatbuffers::Offset<void>> offsets(count);
      for (auto& offset : offsets) {
        offset.o =
            field.element == ValueKind::String ? text(field) : table(*field.table, depth + 1);
      }
      return builder_.CreateVector(offsets.data(), count).o;
    }
    const bool structs = field.element == ValueKind::Struct || field.element == ValueKind::Uuid;
    const std::size_t width = structs ? field.table->bytes : field.scalar_bytes;
    const std::size_t align = structs ? field.table->align : field.scalar_bytes;
    std::vector<std::uint8_t> bytes(count * width, 0);
    for (std::size_t i = 0; i < count; ++i) {
      if (structs) {
        structure(*field.table, bytes.data() + i * width);
      } else {
        const std::uint64_t value = scalar(field, field.element, false);
        std::memcpy(bytes.data() + i * width, &value, width);
      }
    }
    builder_.StartVector(bytes.size() / align, align);
    builder_.PushBytes(bytes.data(), bytes.size());
    return builder_.EndVector(count);
  }

  void structure(const TableInfo& info, std::uint8_t* bytes) {
    for (const FieldInfo& field : info.fields) {
      if (field.kind == ValueKind::Struct || field.kind == ValueKind::Uuid) {
        structure(*field.table, bytes + field.offset);
        continue;
      }
      const std::uint64_t value = scalar(field, field.kind, true);
      std::memcpy(bytes + field.offset, &value, field.scalar_bytes);
    }
  }

  flatbuffers::FlatBufferBuilder& builder_;
  const bool full_;
  Numbers numbers_;
};

uoffset_t wrapped_sample(flatbuffers::FlatBufferBuilder& builder, const MessageInfo& message) {
  const uoffset_t table =
      build_sample(builder, *message.table, {.seed = fingerprint64(message.name), .full = true});
  const uoffset_t start = builder.StartTable();
  builder.AddOffset(message.slot->offset, flatbuffers::Offset<void>(table));
  builder.AddElement<std::uint8_t>(message.slot->type_offset, message.message_type);
  return builder.EndTable(start);
}

// 2024-02-29T12:34:56.789012Z
constexpr TimestampUs sample_time = 1'709'210'096'789'012;

}  // namespace

uoffset_t build_sample(flatbuffers::FlatBufferBuilder& builder, const TableInfo& table,
                       const SampleStyle& style) {
  return Filler(builder, style).table(table, 0);
}

void build_sample_event(flatbuffers::FlatBufferBuilder& builder, const MessageInfo& event) {
  builder.Clear();
  const uoffset_t payload = wrapped_sample(builder, event);
  const auto aggregate_id = builder.CreateString(std::string(event.aggregate) + "-1");
  const auto actor = builder.CreateString("sample actor");
  const auto tenant = builder.CreateString("tenant-1");
  const schema::Uuid event_id(1, event.message_type);
  const schema::Uuid command_id(2, event.message_type);
  const schema::Uuid correlation_id(3, event.message_type);
  const schema::Uuid causation_id(4, event.message_type);
  schema::EnvelopeBuilder envelope(builder);
  envelope.add_event_id(&event_id);
  envelope.add_schema_version(1);
  envelope.add_partition(5);
  envelope.add_seq(4'242);
  envelope.add_term(3);
  envelope.add_aggregate_id(aggregate_id);
  envelope.add_aggregate_version(7);
  envelope.add_occurred_at(sample_time);
  envelope.add_recorded_at(sample_time + us_per_second);
  envelope.add_actor(actor);
  envelope.add_role(schema::Role::Manager);
  envelope.add_authority(schema::Authority::Import);
  envelope.add_command_id(&command_id);
  envelope.add_correlation_id(&correlation_id);
  envelope.add_causation_id(&causation_id);
  envelope.add_tenant(tenant);
  envelope.add_command_fingerprint(99);
  envelope.add_payload(flatbuffers::Offset<void>(payload));
  envelope.add_payload_type(static_cast<schema::AnyEvent>(event.wrapper_type));
  builder.Finish(envelope.Finish(), schema::EnvelopeIdentifier());
}

void build_sample_command(flatbuffers::FlatBufferBuilder& builder, const MessageInfo& command) {
  builder.Clear();
  const uoffset_t payload = wrapped_sample(builder, command);
  const auto actor = builder.CreateString("sample actor");
  const auto tenant = builder.CreateString("tenant-1");
  const schema::Uuid command_id(2, command.message_type);
  const schema::Uuid correlation_id(3, command.message_type);
  const schema::Uuid causation_id(4, command.message_type);
  schema::CommandEnvelopeBuilder envelope(builder);
  envelope.add_command_id(&command_id);
  envelope.add_occurred_at(sample_time);
  envelope.add_actor(actor);
  envelope.add_role(schema::Role::Manager);
  envelope.add_authority(schema::Authority::System);
  envelope.add_correlation_id(&correlation_id);
  envelope.add_causation_id(&causation_id);
  envelope.add_tenant(tenant);
  envelope.add_expected_version(7);
  envelope.add_fingerprint(99);
  envelope.add_payload(flatbuffers::Offset<void>(payload));
  envelope.add_payload_type(static_cast<schema::AnyCommand>(command.wrapper_type));
  builder.Finish(envelope.Finish());
}

}  // namespace orderlog::codec
