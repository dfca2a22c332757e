#include "events/codec/expansion.h"

#include <limits>
#include <string_view>

#include "events/codec/json_text.h"

namespace orderlog::codec {
namespace {

using flatbuffers::Table;
using flatbuffers::uoffset_t;

// Of a table's own: its place, its vtable. Keeps empty tables from being free.
constexpr std::size_t table_bytes = 8;

// Goes over all that a reader would see; stops where the budget does, or at a text that is no text.
class Walk {
 public:
  enum class Texts { Any, Utf8 };

  Walk(std::size_t bytes, Texts texts) : left_(bytes), texts_(texts) {}

  bool table(const TableInfo& info, const Table& value) {
    if (!spend(table_bytes)) return false;
    for (const FieldInfo& field : info.fields) {
      const bool by_offset = field.kind == ValueKind::String || field.kind == ValueKind::Table ||
                             field.kind == ValueKind::Vector || field.kind == ValueKind::Union;
      const std::uint8_t* at = by_offset ? value.GetAddressOf(field.offset) : nullptr;
      if (at != nullptr && !child(field, at + load(at), value)) return false;
    }
    return true;
  }

 private:
  static uoffset_t load(const std::uint8_t* at) { return flatbuffers::ReadScalar<uoffset_t>(at); }

  bool spend(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

  bool text(const std::uint8_t* at) {
    const uoffset_t length = load(at);
    if (!spend(sizeof(uoffset_t) + length)) return false;
    return texts_ == Texts::Any ||
           is_utf8({reinterpret_cast<const char*>(at + sizeof(uoffset_t)), length});
  }

  bool child(const FieldInfo& field, const std::uint8_t* at, const Table& owner) {
    switch (field.kind) {
      case ValueKind::String:
        return text(at);
      case ValueKind::Table:
        return table(*field.table, *reinterpret_cast<const Table*>(at));
      case ValueKind::Vector:
        return vector(field, at);
      case ValueKind::Union: {
        const auto type = owner.GetField<std::uint8_t>(field.type_offset, 0);
        const EnumMember* member = field.enumeration->by_value(type);
        if (member == nullptr || member->table == nullptr) return true;
        return table(*member->table, *reinterpret_cast<const Table*>(at));
      }
      case ValueKind::Number:
      case ValueKind::Enum:
      case ValueKind::Date:
      case ValueKind::Timestamp:
      case ValueKind::Uuid:
      case ValueKind::Struct:
        return true;
    }
    return true;
  }

  bool vector(const FieldInfo& field, const std::uint8_t* at) {
    const uoffset_t count = load(at);
    at += sizeof(uoffset_t);
    const bool is_text = field.element == ValueKind::String;
    if (!is_text && field.element != ValueKind::Table) {
      const bool is_struct = field.element == ValueKind::Struct || field.element == ValueKind::Uuid;
      return spend(std::size_t{count} * (is_struct ? field.table->bytes : field.scalar_bytes));
    }
    for (uoffset_t i = 0; i < count; ++i, at += sizeof(uoffset_t)) {
      const std::uint8_t* target = at + load(at);
      const bool good =
          is_text ? text(target) : table(*field.table, *reinterpret_cast<const Table*>(target));
      if (!good) return false;
    }
    return true;
  }

  std::size_t left_;
  Texts texts_;
};

}  // namespace

bool expands_within(const TableInfo& table, const Table& value, std::size_t bytes_max) {
  return Walk(bytes_max, Walk::Texts::Any).table(table, value);
}

bool texts_are_utf8(const TableInfo& table, const Table& value) {
  return Walk(std::numeric_limits<std::size_t>::max(), Walk::Texts::Utf8).table(table, value);
}

}  // namespace orderlog::codec
