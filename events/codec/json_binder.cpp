#include "events/codec/json_binder.h"

#include "events/codec/json_scalars.h"

namespace orderlog::codec {

using flatbuffers::uoffset_t;

std::string JsonPath::pointer() const {
  if (parent == nullptr) return {};
  std::string text = parent->pointer() + '/';
  if (element >= 0) return text + std::to_string(element);
  for (const char c : member) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

void JsonBinder::report(ProblemCode code, const JsonPath& path, std::string detail) {
  if (problems_.size() >= problems_max) return;
  problems_.push_back({path.pointer(), std::move(detail), code});
}

bool JsonBinder::is_object(const Node& node, const JsonPath& path, std::string_view name) {
  if (node.kind == NodeKind::Object) return true;
  report(ProblemCode::WrongType, path,
         "an object (" + std::string(name) + ") is due, not " + describe(node));
  return false;
}

uoffset_t JsonBinder::bind_root(const TableInfo& table, ExtraMembers* extra) {
  return bind_table(table, 0, JsonPath{}, extra);
}

uoffset_t JsonBinder::bind_table(const TableInfo& table, std::uint32_t node, const JsonPath& path,
                                 ExtraMembers* extra) {
  if (!is_object(nodes_[node], path, table.name)) return 0;
  Members members;
  collect(members, table, node, path, extra);
  check_missing(members, table, path);
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    const FieldInfo& field = table.fields[i];
    if (members.present >> i & 1) bind_child(members, i, field, path);
    if (i == 0 && node == 0 && field.kind == ValueKind::String && members.present & 1) {
      first_text_ = static_cast<uoffset_t>(members.value[0]);
    }
  }
  return finish(members, table, path);
}

void JsonBinder::collect(Members& members, const TableInfo& table, std::uint32_t node,
                         const JsonPath& path, ExtraMembers* extra) {
  std::uint32_t at = node + 1;
  for (std::uint32_t i = 0; i < nodes_[node].count(); ++i) {
    const std::string_view name = nodes_[at].text;
    const std::uint32_t value = at + 1;
    at = nodes_[value].next;
    const int index = table.index_of(name);
    if (index < 0) {
      if (extra != nullptr && extra->take(name, nodes_[value], path.at(name))) continue;
      report(ProblemCode::UnknownField, path.at(name),
             std::string(table.name) + " has no member " + quote_input(name));
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << index;
    if (members.seen & bit) {
      report(ProblemCode::Duplicate, path.at(name), "given more than once");
      continue;
    }
    members.seen |= bit;
    if (nodes_[value].kind == NodeKind::Null) continue;
    members.present |= bit;
    members.node[index] = value;
  }
}

void JsonBinder::check_missing(const Members& members, const TableInfo& table,
                               const JsonPath& path) {
  const std::uint64_t due = table.required | (command_rules_ ? table.due_dates : 0);
  std::uint64_t missing = due & ~members.present;
  for (std::size_t i = 0; missing != 0; ++i, missing >>= 1) {
    if (missing & 1) {
      report(ProblemCode::MissingField, path.at(table.fields[i].name),
             std::string(table.name) + " must have it");
    }
  }
}

// Makes the child of an offset field, or the bits of a scalar; structs are written with the table.
void JsonBinder::bind_child(Members& members, std::size_t index, const FieldInfo& field,
                            const JsonPath& parent) {
  const std::uint32_t node = members.node[index];
  const JsonPath path = parent.at(field.name);
  switch (field.kind) {
    case ValueKind::Number:
    case ValueKind::Enum:
    case ValueKind::Date:
    case ValueKind::Timestamp: {
      ScalarRead read = read_scalar(field, field.kind, nodes_[node]);
      if (!read.ok) report(read.code, path, std::move(read.detail));
      members.value[index] = read.bits;
      return;
    }
    case ValueKind::String:
      members.value[index] = bind_text(field, nodes_[node], path);
      return;
    case ValueKind::Table:
      members.value[index] = bind_table(*field.table, node, path, nullptr);
      return;
    case ValueKind::Union:
      members.value[index] = bind_union(field, node, path, members.union_type[index]);
      return;
    case ValueKind::Vector:
      members.value[index] = bind_vector(field, node, path);
      return;
    case ValueKind::Uuid:
    case ValueKind::Struct:
      return;
  }
}

uoffset_t JsonBinder::finish(const Members& members, const TableInfo& table, const JsonPath& path) {
  const uoffset_t start = builder_.StartTable();
  for (const std::uint8_t i : table.write_order) {
    if (!(members.present >> i & 1)) continue;
    const FieldInfo& field = table.fields[i];
    if (field.kind == ValueKind::Struct || field.kind == ValueKind::Uuid) {
      alignas(8) std::uint8_t bytes[struct_bytes_max] = {};
      bind_struct(*field.table, members.node[i], path.at(field.name), bytes);
      builder_.Align(field.table->align);
      builder_.PushBytes(bytes, field.table->bytes);
      builder_.AddStructOffset(field.offset, builder_.GetSize());
    } else if (field.scalar_bytes != 0 && field.kind != ValueKind::Vector) {
      add_scalar(field, members.value[i]);
    } else {
      builder_.AddOffset(field.offset,
                         flatbuffers::Offset<void>(static_cast<uoffset_t>(members.value[i])));
      if (field.kind == ValueKind::Union && members.value[i] != 0) {
        builder_.AddElement<std::uint8_t>(field.type_offset, members.union_type[i]);
      }
    }
  }
  const uoffset_t end = builder_.EndTable(start);
  return problems_.empty() ? end : 0;
}

void JsonBinder::add_scalar(const FieldInfo& field, std::uint64_t bits) {
  const bool real = field.scalar == ScalarKind::F32 || field.scalar == ScalarKind::F64;
  const std::uint64_t unset = static_cast<std::uint64_t>(field.default_integer);
  if (!field.optional && !real && bits == unset) return;
  switch (field.scalar_bytes) {
    case 1:
      return builder_.AddElement(field.offset, static_cast<std::uint8_t>(bits));
    case 2:
      return builder_.AddElement(field.offset, static_cast<std::uint16_t>(bits));
    case 4:
      return builder_.AddElement(field.offset, static_cast<std::uint32_t>(bits));
    default:
      return builder_.AddElement(field.offset, bits);
  }
}

uoffset_t JsonBinder::bind_text(const FieldInfo& field, const Node& node, const JsonPath& path) {
  if (node.kind != NodeKind::Text) {
    report(ProblemCode::WrongType, path, "a text is due, not " + describe(node));
    return 0;
  }
  if (node.text.size() > text_bytes_max) {
    report(ProblemCode::TooLarge, path,
           "more than " + std::to_string(text_bytes_max) + " bytes of text");
    return 0;
  }
  if (node.text.find('\0') != std::string_view::npos) {
    report(ProblemCode::OutOfRange, path, "a text must not have the character U+0000");
    return 0;
  }
  if (command_rules_ && field.is_id) {
    std::string fault = id_fault(node.text);
    if (!fault.empty()) report(ProblemCode::OutOfRange, path, std::move(fault));
  } else if (command_rules_ && field.required && node.text.empty()) {
    report(ProblemCode::OutOfRange, path, "must not be empty");
  }
  return builder_.CreateString(node.text.data(), node.text.size()).o;
}

uoffset_t JsonBinder::bind_union(const FieldInfo& field, std::uint32_t node, const JsonPath& path,
                                 std::uint8_t& type) {
  type = 0;
  if (!is_object(nodes_[node], path, "with \"type\" and \"data\"")) return 0;
  std::uint32_t type_node = 0;
  std::uint32_t data_node = 0;
  std::uint32_t at = node + 1;
  for (std::uint32_t i = 0; i < nodes_[node].count(); ++i) {
    const std::string_view name = nodes_[at].text;
    const std::uint32_t value = at + 1;
    at = nodes_[value].next;
    std::uint32_t* slot = name == "type" ? &type_node : name == "data" ? &data_node : nullptr;
    if (slot == nullptr) {
      report(ProblemCode::UnknownField, path.at(name), "only \"type\" and \"data\" belong here");
    } else if (*slot != 0) {
      report(ProblemCode::Duplicate, path.at(name), "given more than once");
    } else {
      *slot = value;
    }
  }
  if (type_node == 0) report(ProblemCode::MissingField, path.at("type"), "says what \"data\" is");
  if (data_node == 0) report(ProblemCode::MissingField, path.at("data"), "holds the table");
  if (type_node == 0 || data_node == 0) return 0;
  const ScalarRead read = read_scalar(field, ValueKind::Enum, nodes_[type_node]);
  const EnumMember* member =
      read.ok ? field.enumeration->by_value(static_cast<std::int64_t>(read.bits)) : nullptr;
  if (member == nullptr || member->table == nullptr) {
    report(read.ok ? ProblemCode::OutOfRange : read.code, path.at("type"),
           read.ok ? "a type with data is due" : read.detail);
    return 0;
  }
  type = static_cast<std::uint8_t>(member->value);
  return bind_table(*member->table, data_node, path.at("data"), nullptr);
}

}  // namespace orderlog::codec
