#include "events/codec/json_writer.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "events/base/time.h"
#include "events/base/uuid.h"
#include "events/codec/json_text.h"

namespace orderlog::codec {
namespace {

using flatbuffers::Table;
using flatbuffers::uoffset_t;

template <class T>
T load(const std::uint8_t* at) {
  return flatbuffers::ReadScalar<T>(at);
}

std::int64_t load_integer(ScalarKind kind, const std::uint8_t* at) {
  switch (kind) {
    case ScalarKind::Bool:
    case ScalarKind::U8:
      return load<std::uint8_t>(at);
    case ScalarKind::I8:
      return load<std::int8_t>(at);
    case ScalarKind::I16:
      return load<std::int16_t>(at);
    case ScalarKind::U16:
      return load<std::uint16_t>(at);
    case ScalarKind::I32:
      return load<std::int32_t>(at);
    case ScalarKind::U32:
      return load<std::uint32_t>(at);
    case ScalarKind::I64:
      return load<std::int64_t>(at);
    case ScalarKind::U64:
      return static_cast<std::int64_t>(load<std::uint64_t>(at));
    case ScalarKind::F32:
    case ScalarKind::F64:
      break;
  }
  return 0;
}

class Writer {
 public:
  Writer(std::string& out, Absent absent) : out_(out), absent_(absent) {}

  void table(const TableInfo& info, const Table& value) {
    out_ += '{';
    bool first = true;
    for (const FieldInfo& field : info.fields) {
      const std::uint8_t* at = value.GetAddressOf(field.offset);
      if (is_absent(field, at)) {
        if (absent_ == Absent::Omit) continue;
        name(field.name, first);
        out_ += field.kind == ValueKind::Vector ? "[]" : "null";
        continue;
      }
      name(field.name, first);
      in_table(field, at, value);
    }
    out_ += '}';
  }

 private:
  // Schema names need no escapes.
  void name(std::string_view text, bool& first) {
    out_ += first ? "\"" : ",\"";
    first = false;
    out_.append(text).append("\":");
  }

  static bool is_absent(const FieldInfo& field, const std::uint8_t* at) {
    if (at != nullptr) {
      const bool may_be_zero = field.kind != ValueKind::Struct && field.kind != ValueKind::Uuid;
      if (may_be_zero || !field.table->zero_is_absent) return false;
      for (std::uint32_t i = 0; i < field.table->bytes; ++i) {
        if (at[i] != 0) return false;
      }
      return true;
    }
    return field.optional || field.scalar_bytes == 0 || field.kind == ValueKind::Vector;
  }

  void in_table(const FieldInfo& field, const std::uint8_t* at, const Table& owner) {
    switch (field.kind) {
      case ValueKind::Number:
      case ValueKind::Enum:
      case ValueKind::Date:
      case ValueKind::Timestamp:
        if (at == nullptr) return unset(field);
        return scalar(field, field.kind, at);
      case ValueKind::Uuid:
      case ValueKind::Struct:
        return structure(*field.table, at);
      case ValueKind::Union:
        return tagged(field, at, owner);
      case ValueKind::String:
      case ValueKind::Table:
        return referred(field, field.kind, at);
      case ValueKind::Vector:
        return vector(field, at + load<uoffset_t>(at));
    }
  }

  void scalar(const FieldInfo& field, ValueKind kind, const std::uint8_t* at) {
    if (field.scalar == ScalarKind::F32) return real(load<float>(at));
    if (field.scalar == ScalarKind::F64) return real(load<double>(at));
    integer(field, kind, load_integer(field.scalar, at));
  }

  void unset(const FieldInfo& field) {
    const bool is_real = field.scalar == ScalarKind::F32 || field.scalar == ScalarKind::F64;
    is_real ? real(field.default_real) : integer(field, field.kind, field.default_integer);
  }

  void integer(const FieldInfo& field, ValueKind kind, std::int64_t value) {
    if (kind == ValueKind::Enum) return enumerator(*field.enumeration, value);
    if (kind == ValueKind::Date) return append_date(out_, static_cast<Day>(value));
    if (kind == ValueKind::Timestamp) return append_timestamp(out_, value);
    if (field.scalar == ScalarKind::Bool) {
      out_ += value != 0 ? "true" : "false";
    } else if (field.scalar == ScalarKind::U64) {
      append_unsigned(out_, static_cast<std::uint64_t>(value));
    } else {
      append_integer(out_, value);
    }
  }

  // A number where a newer writer's enum has a member that this schema does not know.
  void enumerator(const EnumInfo& info, std::int64_t value) {
    const EnumMember* member = info.by_value(value);
    if (member == nullptr) return append_integer(out_, value);
    out_ += '"';
    out_.append(member->name) += '"';
  }

  void real(double value) {
    if (!(value - value == 0)) {  // infinite or not a number: JSON has no word for it
      out_ += "null";
      return;
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out_.append(text, end);
  }

  void structure(const TableInfo& info, const std::uint8_t* at) {
    if (info.name == "Uuid") {
      return append_uuid(out_, load<std::uint64_t>(at), load<std::uint64_t>(at + 8));
    }
    out_ += '{';
    bool first = true;
    for (const FieldInfo& field : info.fields) {
      name(field.name, first);
      const bool nested = field.kind == ValueKind::Struct || field.kind == ValueKind::Uuid;
      nested ? structure(*field.table, at + field.offset)
             : scalar(field, field.kind, at + field.offset);
    }
    out_ += '}';
  }

  // `at` holds the offset to a text or a table.
  void referred(const FieldInfo& field, ValueKind kind, const std::uint8_t* at) {
    const std::uint8_t* target = at + load<uoffset_t>(at);
    if (kind == ValueKind::Table) {
      return table(*field.table, *reinterpret_cast<const Table*>(target));
    }
    const auto* text = reinterpret_cast<const flatbuffers::String*>(target);
    append_json_text(out_, {text->c_str(), text->size()});
  }

  void tagged(const FieldInfo& field, const std::uint8_t* at, const Table& owner) {
    const auto type = owner.GetField<std::uint8_t>(field.type_offset, 0);
    const EnumMember* member = field.enumeration->by_value(type);
    out_ += "{\"type\":";
    enumerator(*field.enumeration, type);
    if (member != nullptr && member->table != nullptr) {
      out_ += ",\"data\":";
      table(*member->table, *reinterpret_cast<const Table*>(at + load<uoffset_t>(at)));
    }
    out_ += '}';
  }

  void vector(const FieldInfo& field, const std::uint8_t* at) {
    const auto count = load<uoffset_t>(at);
    at += sizeof(uoffset_t);
    out_ += '[';
    for (uoffset_t i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      at += element(field, at);
    }
    out_ += ']';
  }

  // Returns the bytes it took in line.
  std::uint32_t element(const FieldInfo& field, const std::uint8_t* at) {
    if (field.element == ValueKind::String || field.element == ValueKind::Table) {
      referred(field, field.element, at);
      return sizeof(uoffset_t);
    }
    if (field.element == ValueKind::Struct || field.element == ValueKind::Uuid) {
      structure(*field.table, at);
      return field.table->bytes;
    }
    scalar(field, field.element, at);
    return field.scalar_bytes;
  }

  std::string& out_;
  const Absent absent_;
};

}  // namespace

void write_table(std::string& out, const TableInfo& table, const Table& value, Absent absent) {
  Writer(out, absent).table(table, value);
}

}  // namespace orderlog::codec
