// JSON text → FlatBuffers, by the schema and strictly: what is not understood is refused, with a
// pointer to it, and nothing is guessed. Numbers are integers in their type's range, enums are
// names, a (timestamp) is RFC 3339, a (date) is "YYYY-MM-DD", a Uuid is its text, a struct has all
// of its members. A member that is null counts as absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/time.h"
#include "events/base/uuid.h"
#include "events/codec/schema_registry.h"
#include "flatbuffers/flatbuffers.h"

namespace orderlog::codec {

// Limits of one JSON text. More is refused with TooLarge or TooDeep.
inline constexpr std::size_t json_bytes_max = 1'048'576;
inline constexpr std::size_t json_depth_max = 16;        // objects and arrays inside each other
inline constexpr std::size_t json_values_max = 100'000;  // members and elements together
inline constexpr std::size_t text_bytes_max = 16'384;    // of one string, in UTF-8
inline constexpr std::size_t problems_max = 20;          // after these the reader stops looking

// An id (a field named "…_id") of a command: 1 to 64 characters of A-Z a-z 0-9 . _ : / @ + - and
// blanks that are not at its ends. One that is composed with @ or / ("sku@location",
// "customer/reference") may have 64 in each part and 129 in all.
inline constexpr std::size_t id_length_max = 64;
inline constexpr std::size_t composed_id_length_max = 2 * id_length_max + 1;

enum class ProblemCode : std::uint8_t {
  UnknownCommand,
  UnknownField,
  WrongType,
  MissingField,
  OutOfRange,  // right type, but not one of the values allowed: numbers, enum names, dates, ids
  Duplicate,   // a member given twice
  Malformed,   // not JSON, or not UTF-8
  TooDeep,
  TooLarge,
};
std::string_view to_string(ProblemCode code);

struct Problem {
  std::string pointer;  // RFC 6901 into the text that was read; "" is the whole
  std::string detail;   // for people
  ProblemCode code = ProblemCode::Malformed;

  friend bool operator==(const Problem&, const Problem&) = default;
};

// Members that a command's body may carry beside the command's own fields.
enum class MetaMember : std::uint8_t {
  CommandId,
  OccurredAt,
  ExpectedVersion,
  Actor,
  Role,
  Authority,
  CorrelationId,
};
inline constexpr std::uint8_t meta_bit(MetaMember member) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(member));
}
inline constexpr std::uint8_t all_meta_members = 0x7F;
// "command_id", "occurred_at", "expected_version", "actor", "role", "authority", "correlation_id".
std::string_view to_string(MetaMember member);

// What the edge knows about a command besides its body.
struct CommandMeta {
  Uuid command_id;
  TimestampUs occurred_at = 0;
  std::string_view actor;
  schema::Role role = schema::Role::None;
  schema::Authority authority = schema::Authority::Normal;
  Uuid correlation_id;  // nil: the command's id
  Uuid causation_id;
  std::string_view tenant;
  std::optional<std::uint64_t> expected_version;
  // 0: taken from the command's name and the body's bytes.
  std::uint64_t fingerprint = 0;
  // Which of the above the body may set; it then wins. Others in the body are UnknownField.
  std::uint8_t body_may_set = all_meta_members;
};

// Views point into the builder's finished buffer.
struct BuiltCommand {
  const MessageInfo* command = nullptr;
  std::string_view aggregate_id;
  Uuid command_id;
  std::uint64_t fingerprint = 0;
};

// Either `built` or at least one problem.
struct CommandRead {
  std::optional<BuiltCommand> built;
  std::vector<Problem> problems;
  explicit operator bool() const { return built.has_value(); }
};

// The body of a command → a finished CommandEnvelope (without file identifier) in `fbb`, which is
// cleared first and holds nothing of use after a failure. Besides the schema's own `required`, a
// command must give each (date) that is not optional, and its ids must be as said above.
// Any thread; the scratch memory is the thread's own.
CommandRead build_command(flatbuffers::FlatBufferBuilder& fbb, std::string_view command_name,
                          std::string_view json_body, const CommandMeta& meta);

struct TableRead {
  flatbuffers::uoffset_t root = 0;  // offset of the table in the builder, not finished
  std::vector<Problem> problems;
  explicit operator bool() const { return root != 0; }
};

// Any table by its name, without the extra rules for commands: for specs, tools and tests. The
// builder is not cleared and not finished. Unknown table: UnknownCommand at "".
TableRead read_table(flatbuffers::FlatBufferBuilder& fbb, std::string_view table_name,
                     std::string_view json);

// As read_table, for a command's or an event's name: `root` is its aggregate's wrapper
// (OrderCommands, OrderEvents) with the table inside.
TableRead read_message(flatbuffers::FlatBufferBuilder& fbb, std::string_view message_name,
                       std::string_view json);

// The same against another schema.
TableRead read_table(flatbuffers::FlatBufferBuilder& fbb, const TableInfo& table,
                     std::string_view json);

}  // namespace orderlog::codec
