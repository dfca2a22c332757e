// The binder's part for values that are stored in line: vectors and structs.
#include <cstring>

#include "events/codec/json_binder.h"
#include "events/codec/json_scalars.h"

namespace orderlog::codec {

using flatbuffers::uoffset_t;

uoffset_t JsonBinder::bind_vector(const FieldInfo& field, std::uint32_t node,
                                  const JsonPath& path) {
  if (nodes_[node].kind != NodeKind::Array) {
    report(ProblemCode::WrongType, path, "an array is due, not " + describe(nodes_[node]));
    return 0;
  }
  switch (field.element) {
    case ValueKind::String:
    case ValueKind::Table:
      return bind_offsets(field, node, path);
    case ValueKind::Uuid:
    case ValueKind::Struct:
      return bind_structs(field, node, path);
    case ValueKind::Number:
    case ValueKind::Enum:
    case ValueKind::Date:
    case ValueKind::Timestamp:
    case ValueKind::Union:
    case ValueKind::Vector:
      return bind_scalars(field, node, path);
  }
  return 0;
}

uoffset_t JsonBinder::bind_offsets(const FieldInfo& field, std::uint32_t node,
                                   const JsonPath& path) {
  const std::uint32_t count = nodes_[node].count();
  constexpr std::uint32_t few = 16;  // the usual order has fewer lines than this
  flatbuffers::Offset<void> on_stack[few];
  std::vector<flatbuffers::Offset<void>> on_heap(count > few ? count : 0);
  flatbuffers::Offset<void>* offsets = count > few ? on_heap.data() : on_stack;
  std::uint32_t at = node + 1;
  for (std::uint32_t i = 0; i < count; ++i, at = nodes_[at].next) {
    const JsonPath element = path.at(std::size_t{i});
    offsets[i].o = field.element == ValueKind::String
                       ? bind_text(field, nodes_[at], element)
                       : bind_table(*field.table, at, element, nullptr);
  }
  if (!problems_.empty()) return 0;
  return builder_.CreateVector(offsets, count).o;
}

uoffset_t JsonBinder::bind_scalars(const FieldInfo& field, std::uint32_t node,
                                   const JsonPath& path) {
  std::vector<std::uint64_t> values;
  values.reserve(nodes_[node].count());
  std::uint32_t at = node + 1;
  for (std::uint32_t i = 0; i < nodes_[node].count(); ++i, at = nodes_[at].next) {
    ScalarRead read = read_scalar(field, field.element, nodes_[at]);
    if (!read.ok) report(read.code, path.at(std::size_t{i}), std::move(read.detail));
    values.push_back(read.bits);
  }
  if (!problems_.empty()) return 0;
  builder_.StartVector(values.size(), field.scalar_bytes);
  for (std::size_t i = values.size(); i-- > 0;) {
    switch (field.scalar_bytes) {
      case 1:
        builder_.PushElement(static_cast<std::uint8_t>(values[i]));
        break;
      case 2:
        builder_.PushElement(static_cast<std::uint16_t>(values[i]));
        break;
      case 4:
        builder_.PushElement(static_cast<std::uint32_t>(values[i]));
        break;
      default:
        builder_.PushElement(values[i]);
        break;
    }
  }
  return builder_.EndVector(values.size());
}

uoffset_t JsonBinder::bind_structs(const FieldInfo& field, std::uint32_t node,
                                   const JsonPath& path) {
  const std::size_t count = nodes_[node].count();
  const TableInfo& table = *field.table;
  std::vector<std::uint8_t> bytes(count * table.bytes, 0);
  std::uint32_t at = node + 1;
  for (std::size_t i = 0; i < count; ++i, at = nodes_[at].next) {
    bind_struct(table, at, path.at(i), bytes.data() + i * table.bytes);
  }
  if (!problems_.empty()) return 0;
  builder_.StartVector(bytes.size() / table.align, table.align);
  builder_.PushBytes(bytes.data(), bytes.size());
  return builder_.EndVector(count);
}

void JsonBinder::bind_struct(const TableInfo& table, std::uint32_t node, const JsonPath& path,
                             std::uint8_t* bytes) {
  if (table.name == "Uuid") {
    UuidRead read = read_uuid(nodes_[node]);
    if (!read.ok) report(read.code, path, std::move(read.detail));
    std::memcpy(bytes, &read.hi, sizeof read.hi);
    std::memcpy(bytes + sizeof read.hi, &read.lo, sizeof read.lo);
    return;
  }
  if (!is_object(nodes_[node], path, table.name)) return;
  Members members;
  collect(members, table, node, path, nullptr);
  check_missing(members, table, path);
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    if (members.present >> i & 1) {
      bind_struct_member(table.fields[i], members.node[i], path.at(table.fields[i].name), bytes);
    }
  }
}

void JsonBinder::bind_struct_member(const FieldInfo& field, std::uint32_t node,
                                    const JsonPath& path, std::uint8_t* bytes) {
  if (field.kind == ValueKind::Struct || field.kind == ValueKind::Uuid) {
    return bind_struct(*field.table, node, path, bytes + field.offset);
  }
  ScalarRead read = read_scalar(field, field.kind, nodes_[node]);
  if (!read.ok) return report(read.code, path, std::move(read.detail));
  // A zero enum in a struct (Currency.None) is how its absence is stored; a command cannot give it.
  if (command_rules_ && field.kind == ValueKind::Enum && read.bits == 0) {
    report(ProblemCode::OutOfRange, path, describe(nodes_[node]) + " is not a value to be given");
  }
  std::memcpy(bytes + field.offset, &read.bits, field.scalar_bytes);
}

}  // namespace orderlog::codec
