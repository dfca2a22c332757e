#include "events/codec/json_scalars.h"

#include <array>
#include <bit>
#include <limits>

#include "events/base/time.h"
#include "events/base/uuid.h"

namespace orderlog::codec {
namespace {

ScalarRead good(std::uint64_t bits) { return {.ok = true, .bits = bits, .detail = {}}; }

ScalarRead bad(ProblemCode code, std::string detail) {
  return {.ok = false, .code = code, .detail = std::move(detail)};
}

struct Range {
  std::int64_t low;
  std::uint64_t high;
};

template <class Int>
constexpr Range range_of() {
  return {std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max()};
}

Range range_of(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::I8:
      return range_of<std::int8_t>();
    case ScalarKind::U8:
      return range_of<std::uint8_t>();
    case ScalarKind::I16:
      return range_of<std::int16_t>();
    case ScalarKind::U16:
      return range_of<std::uint16_t>();
    case ScalarKind::I32:
      return range_of<std::int32_t>();
    case ScalarKind::U32:
      return range_of<std::uint32_t>();
    case ScalarKind::I64:
      return range_of<std::int64_t>();
    case ScalarKind::U64:
      return {0, std::numeric_limits<std::uint64_t>::max()};
    case ScalarKind::Bool:
    case ScalarKind::F32:
    case ScalarKind::F64:
      return {0, 1};
  }
  return {0, 0};
}

bool is_number(const Node& node) {
  return node.kind == NodeKind::Int || node.kind == NodeKind::Unsigned ||
         node.kind == NodeKind::Real;
}

ScalarRead read_real(ScalarKind kind, const Node& node) {
  if (!is_number(node))
    return bad(ProblemCode::WrongType, "a number is due, not " + describe(node));
  const double value = node.kind == NodeKind::Real ? node.real()
                       : node.kind == NodeKind::Int
                           ? static_cast<double>(node.integer)
                           : static_cast<double>(static_cast<std::uint64_t>(node.integer));
  if (kind == ScalarKind::F64) return good(std::bit_cast<std::uint64_t>(value));
  return good(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
}

ScalarRead read_integer(ScalarKind kind, const Node& node) {
  if (!is_number(node)) {
    return bad(ProblemCode::WrongType, "an integer is due, not " + describe(node));
  }
  const Range range = range_of(kind);
  bool inside = false;
  if (node.kind == NodeKind::Real) {
    const bool integer = node.text.find_first_of(".eE") == std::string_view::npos;
    if (!integer) {
      return bad(ProblemCode::WrongType,
                 "an integer without fraction and exponent is due, not " + describe(node));
    }
  } else if (node.kind == NodeKind::Unsigned) {
    inside = static_cast<std::uint64_t>(node.integer) <= range.high;
  } else {
    inside = node.integer >= range.low &&
             (node.integer < 0 || static_cast<std::uint64_t>(node.integer) <= range.high);
  }
  if (inside) return good(static_cast<std::uint64_t>(node.integer));
  return bad(ProblemCode::OutOfRange, "must be from " + std::to_string(range.low) + " to " +
                                          std::to_string(range.high) + ", not " + describe(node));
}

ScalarRead read_enum(const EnumInfo& info, const Node& node) {
  if (node.kind != NodeKind::Text) {
    return bad(ProblemCode::WrongType,
               "a name of " + std::string(info.name) + " is due, not " + describe(node));
  }
  const EnumMember* member = info.by_name(node.text);
  if (member != nullptr) return good(static_cast<std::uint64_t>(member->value));
  std::string detail = describe(node) + " is not one of " + std::string(info.name);
  constexpr std::size_t listed_max = 24;
  if (info.members.size() > listed_max) return bad(ProblemCode::OutOfRange, std::move(detail));
  detail += ':';
  for (const EnumMember& each : info.members) detail.append(" ").append(each.name);
  return bad(ProblemCode::OutOfRange, std::move(detail));
}

ScalarRead read_date(const Node& node) {
  if (node.kind != NodeKind::Text) {
    return bad(ProblemCode::WrongType, "a date \"YYYY-MM-DD\" is due, not " + describe(node));
  }
  const Result<Day> day = day_from_text(node.text);
  if (day.ok()) return good(static_cast<std::uint64_t>(std::int64_t{*day}));
  return bad(ProblemCode::OutOfRange, "a date \"YYYY-MM-DD\" is due: " + day.error().message);
}

ScalarRead read_timestamp(const Node& node) {
  if (node.kind != NodeKind::Text) {
    return bad(ProblemCode::WrongType,
               "a time \"YYYY-MM-DDThh:mm:ssZ\" is due, not " + describe(node));
  }
  const Result<TimestampUs> at = timestamp_from_text(node.text);
  if (at.ok()) return good(static_cast<std::uint64_t>(*at));
  return bad(ProblemCode::OutOfRange,
             "a time \"YYYY-MM-DDThh:mm:ssZ\" is due: " + at.error().message);
}

constexpr std::array<bool, 256> id_characters = [] {
  std::array<bool, 256> allowed{};
  for (int c = 'a'; c <= 'z'; ++c) allowed[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) allowed[static_cast<std::size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) allowed[static_cast<std::size_t>(c)] = true;
  for (const char c : {'.', '_', ':', '/', '@', '+', '-', ' '}) {
    allowed[static_cast<unsigned char>(c)] = true;
  }
  return allowed;
}();

}  // namespace

std::string describe(const Node& node) {
  switch (node.kind) {
    case NodeKind::Null:
      return "null";
    case NodeKind::Bool:
      return node.integer != 0 ? "true" : "false";
    case NodeKind::Int:
    case NodeKind::Unsigned:
    case NodeKind::Real:
      return "the number " + std::string(node.text.substr(0, 40));
    case NodeKind::Key:
    case NodeKind::Text:
      return "the text " + quote_input(node.text);
    case NodeKind::Object:
      return "an object";
    case NodeKind::Array:
      return "an array";
  }
  return "something else";
}

ScalarRead read_scalar(const FieldInfo& field, ValueKind kind, const Node& node) {
  if (kind == ValueKind::Enum) return read_enum(*field.enumeration, node);
  if (kind == ValueKind::Date) return read_date(node);
  if (kind == ValueKind::Timestamp) return read_timestamp(node);
  if (field.scalar == ScalarKind::Bool) {
    if (node.kind == NodeKind::Bool) return good(static_cast<std::uint64_t>(node.integer));
    return bad(ProblemCode::WrongType, "true or false is due, not " + describe(node));
  }
  const bool real = field.scalar == ScalarKind::F32 || field.scalar == ScalarKind::F64;
  return real ? read_real(field.scalar, node) : read_integer(field.scalar, node);
}

UuidRead read_uuid(const Node& node) {
  UuidRead read;
  if (node.kind != NodeKind::Text) {
    read.detail = "a UUID as text is due, not " + describe(node);
    return read;
  }
  const Result<Uuid> uuid = parse_uuid(node.text);
  if (!uuid.ok()) {
    read.code = ProblemCode::OutOfRange;
    read.detail = uuid.error().message;
    return read;
  }
  read.ok = true;
  read.hi = uuid->hi();
  read.lo = uuid->lo();
  return read;
}

std::string id_fault(std::string_view id) {
  if (id.empty()) return "an id must not be empty";
  if (id.size() > composed_id_length_max) {
    return "an id has at most " + std::to_string(id_length_max) +
           " characters, composed with @ or / " + std::to_string(composed_id_length_max) +
           "; this one has " + std::to_string(id.size());
  }
  if (id.front() == ' ' || id.back() == ' ') return "an id must not begin or end with a blank";
  std::size_t part = 0;
  for (const char c : id) {
    if (!id_characters[static_cast<unsigned char>(c)]) {
      return "an id is made of A-Z a-z 0-9 . _ : / @ + - and blanks, not " + quote_input(id);
    }
    part = c == '@' || c == '/' ? 0 : part + 1;
    if (part > id_length_max) {
      return "an id, or one part of it, has at most " + std::to_string(id_length_max) +
             " characters";
    }
  }
  return {};
}

}  // namespace orderlog::codec
