#include "events/codec/registry_builder.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "flatbuffers/reflection.h"

namespace orderlog::codec {
namespace {

namespace fb = reflection;

std::string_view text(const flatbuffers::String* value) {
  return value == nullptr ? std::string_view{} : std::string_view(value->c_str(), value->size());
}

std::string_view short_name(std::string_view full) {
  const std::size_t dot = full.rfind('.');
  return dot == std::string_view::npos ? full : full.substr(dot + 1);
}

template <class Documented>
std::string doc_of(const Documented& from) {
  std::string doc;
  if (from.documentation() == nullptr) return doc;
  for (const flatbuffers::String* line : *from.documentation()) {
    std::string_view words = text(line);
    while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
    if (!doc.empty()) doc += ' ';
    doc += words;
  }
  return doc;
}

bool has_attribute(const fb::Field& field, const char* name) {
  return field.attributes() != nullptr && field.attributes()->LookupByKey(name) != nullptr;
}

Error unsupported(std::string_view what, std::string_view where) {
  return error(ErrorCode::Unsupported, std::string(what) + ": " + std::string(where));
}

bool to_scalar(int base_type, ScalarKind& kind) {
  switch (static_cast<fb::BaseType>(base_type)) {
    case fb::Bool:
      kind = ScalarKind::Bool;
      return true;
    case fb::Byte:
      kind = ScalarKind::I8;
      return true;
    case fb::UType:
    case fb::UByte:
      kind = ScalarKind::U8;
      return true;
    case fb::Short:
      kind = ScalarKind::I16;
      return true;
    case fb::UShort:
      kind = ScalarKind::U16;
      return true;
    case fb::Int:
      kind = ScalarKind::I32;
      return true;
    case fb::UInt:
      kind = ScalarKind::U32;
      return true;
    case fb::Long:
      kind = ScalarKind::I64;
      return true;
    case fb::ULong:
      kind = ScalarKind::U64;
      return true;
    case fb::Float:
      kind = ScalarKind::F32;
      return true;
    case fb::Double:
      kind = ScalarKind::F64;
      return true;
    case fb::None:
    case fb::String:
    case fb::Vector:
    case fb::Obj:
    case fb::Union:
    case fb::Array:
    case fb::MaxBaseType:
      return false;
  }
  return false;
}

// Keys that are not called "…_id": the other aggregate of a merge, and the half of "sku@location".
constexpr std::array<std::string_view, 3> id_names = {"into", "merged", "location"};

bool is_id_name(std::string_view name) {
  return name.ends_with("_id") ||
         std::find(id_names.begin(), id_names.end(), name) != id_names.end();
}

std::uint32_t width_of(const FieldInfo& field) {
  const bool by_offset = field.kind == ValueKind::String || field.kind == ValueKind::Table ||
                         field.kind == ValueKind::Union || field.kind == ValueKind::Vector;
  if (by_offset) return sizeof(flatbuffers::uoffset_t);
  const bool is_struct = field.kind == ValueKind::Struct || field.kind == ValueKind::Uuid;
  return is_struct ? field.table->align : field.scalar_bytes;
}

}  // namespace

void RegistryBuilder::name_types() {
  std::vector<std::string_view> names;
  for (const fb::Object* object : *schema_->objects()) {
    auto info = std::make_unique<TableInfo>();
    info->full_name = text(object->name());
    info->name = short_name(info->full_name);
    info->doc = doc_of(*object);
    info->is_struct = object->is_struct();
    info->bytes = static_cast<std::uint32_t>(object->bytesize());
    info->align = static_cast<std::uint32_t>(object->minalign());
    names.push_back(info->name);
    registry_.tables_.push_back(std::move(info));
  }
  registry_.table_names_ = NameIndex(std::move(names));
  names.clear();
  for (const fb::Enum* from : *schema_->enums()) {
    auto info = std::make_unique<EnumInfo>();
    info->full_name = text(from->name());
    info->name = short_name(info->full_name);
    names.push_back(info->name);
    registry_.enums_.push_back(std::move(info));
  }
  registry_.enum_names_ = NameIndex(std::move(names));
}

void RegistryBuilder::fill_enum(EnumInfo& info, const fb::Enum& from) {
  info.doc = doc_of(from);
  info.is_union = from.is_union();
  to_scalar(from.underlying_type()->base_type(), info.underlying);
  std::vector<std::string_view> names;
  info.dense = true;
  for (const fb::EnumVal* value : *from.values()) {
    EnumMember member{.name = text(value->name()), .value = value->value(), .doc = {}};
    const fb::Type* type = value->union_type();
    if (info.is_union && type != nullptr && type->base_type() == fb::Obj) {
      member.table = registry_.tables_[static_cast<std::size_t>(type->index())].get();
      member.name = short_name(member.name);
    }
    info.dense = info.dense && member.value == static_cast<std::int64_t>(info.members.size());
    names.push_back(member.name);
    info.members.push_back(member);
  }
  info.names = NameIndex(std::move(names));
}

Status RegistryBuilder::fill_scalar(FieldInfo& info, const fb::Field& from, int base_type) {
  to_scalar(base_type, info.scalar);
  info.scalar_bytes =
      static_cast<std::uint8_t>(flatbuffers::GetTypeSize(static_cast<fb::BaseType>(base_type)));
  if (from.type()->index() >= 0) {
    info.enumeration = registry_.enums_[static_cast<std::size_t>(from.type()->index())].get();
    return {};
  }
  const bool date = has_attribute(from, "date");
  const bool timestamp = has_attribute(from, "timestamp");
  if (date && info.scalar != ScalarKind::I32) return unsupported("(date) is an int", info.name);
  if (timestamp && info.scalar != ScalarKind::I64) {
    return unsupported("(timestamp) is a long", info.name);
  }
  return {};
}

Status RegistryBuilder::fill_type(FieldInfo& info, const fb::Field& from) {
  const fb::Type& type = *from.type();
  const bool is_vector = type.base_type() == fb::Vector;
  const fb::BaseType base = is_vector ? type.element() : type.base_type();
  ValueKind kind = ValueKind::Number;
  if (base == fb::String) {
    kind = ValueKind::String;
  } else if (base == fb::Obj) {
    info.table = registry_.tables_[static_cast<std::size_t>(type.index())].get();
    const bool is_uuid = info.table->is_struct && info.table->name == "Uuid";
    kind = is_uuid ? ValueKind::Uuid : info.table->is_struct ? ValueKind::Struct : ValueKind::Table;
  } else if (base == fb::Union && !is_vector) {
    info.enumeration = registry_.enums_[static_cast<std::size_t>(type.index())].get();
    info.type_offset = static_cast<std::uint16_t>(from.offset() - sizeof(flatbuffers::voffset_t));
    kind = ValueKind::Union;
  } else if (flatbuffers::IsScalar(base) && base != fb::UType) {
    if (Status status = fill_scalar(info, from, base); !status.ok()) return status;
    const bool date = has_attribute(from, "date");
    kind = info.enumeration != nullptr        ? ValueKind::Enum
           : date                             ? ValueKind::Date
           : has_attribute(from, "timestamp") ? ValueKind::Timestamp
                                              : ValueKind::Number;
  } else {
    return unsupported("a field's type that the codec does not speak", info.name);
  }
  info.kind = is_vector ? ValueKind::Vector : kind;
  info.element = kind;
  return {};
}

Status RegistryBuilder::fill_field(FieldInfo& info, const fb::Field& from, bool in_struct) {
  info.name = text(from.name());
  info.doc = doc_of(from);
  info.id = from.id();
  info.offset = from.offset();
  info.required = from.required() || in_struct;
  info.optional = from.optional();
  info.deprecated = from.deprecated();
  info.default_integer = from.default_integer();
  info.default_real = from.default_real();
  Status status = fill_type(info, from);
  info.is_id = info.kind == ValueKind::String && is_id_name(info.name);
  return status;
}

Status RegistryBuilder::fill_table(TableInfo& info, const fb::Object& from) {
  info.fields.reserve(from.fields()->size());
  for (const fb::Field* field : *from.fields()) {
    if (field->type()->base_type() == fb::UType) continue;  // comes with its union
    FieldInfo& added = info.fields.emplace_back();
    if (Status status = fill_field(added, *field, info.is_struct); !status.ok()) return status;
    if (info.is_struct) {
      info.zero_is_absent = info.zero_is_absent || added.kind == ValueKind::Enum;
    }
  }
  info.zero_is_absent = info.zero_is_absent || (info.is_struct && info.name == "Uuid");
  const bool too_big =
      info.fields.size() > table_fields_max || (info.is_struct && info.bytes > struct_bytes_max);
  if (too_big) return unsupported("a table or struct beyond the codec's limits", info.full_name);
  std::sort(info.fields.begin(), info.fields.end(),
            [](const FieldInfo& a, const FieldInfo& b) { return a.id < b.id; });
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < info.fields.size(); ++i) {
    if (info.fields[i].required) info.required |= std::uint64_t{1} << i;
    const bool due = info.fields[i].kind == ValueKind::Date && !info.fields[i].optional;
    if (due && !info.is_struct) info.due_dates |= std::uint64_t{1} << i;
    names.push_back(info.fields[i].name);
    info.write_order.push_back(static_cast<std::uint8_t>(i));
  }
  info.names = NameIndex(std::move(names));
  std::stable_sort(info.write_order.begin(), info.write_order.end(),
                   [&info](std::uint8_t a, std::uint8_t b) {
                     return width_of(info.fields[a]) > width_of(info.fields[b]);
                   });
  return {};
}

Status RegistryBuilder::fill_messages(SchemaRegistry::Messages& messages,
                                      std::string_view any_union, std::string_view suffix,
                                      bool are_commands) {
  const EnumInfo* any = registry_.enumeration(any_union);
  if (any == nullptr) return {};
  if (!any->is_union || !any->dense) return unsupported("not a plain union", any_union);
  messages.first.assign(2, 0);
  messages.aggregates.assign(1, {});
  for (const EnumMember& member : any->members) {
    if (member.value == 0) continue;
    const TableInfo* wrapper = member.table;
    const bool plain = wrapper != nullptr && wrapper->fields.size() == 1 &&
                       wrapper->fields[0].kind == ValueKind::Union &&
                       wrapper->fields[0].enumeration->dense && wrapper->name.ends_with(suffix);
    if (!plain) return unsupported("a wrapper holds one union and nothing else", member.name);
    const std::string_view aggregate =
        wrapper->name.substr(0, wrapper->name.size() - suffix.size());
    messages.aggregates.push_back(aggregate);
    for (const EnumMember& inner : wrapper->fields[0].enumeration->members) {
      if (inner.value == 0) continue;
      if (inner.table == nullptr) return unsupported("a union of tables only", inner.name);
      MessageInfo info{.name = inner.name, .aggregate = aggregate, .table = inner.table};
      info.wrapper = wrapper;
      info.slot = &wrapper->fields[0];
      info.wrapper_type = static_cast<std::uint8_t>(member.value);
      info.message_type = static_cast<std::uint8_t>(inner.value);
      if (are_commands) {
        const bool has_id = !inner.table->fields.empty() && inner.table->fields[0].required &&
                            inner.table->fields[0].kind == ValueKind::String;
        if (!has_id) return unsupported("a command without its id first", inner.name);
        info.id_field = &inner.table->fields[0];
      }
      messages.messages.push_back(info);
    }
    messages.first.push_back(static_cast<std::uint32_t>(messages.messages.size()));
  }
  std::vector<std::string_view> names;
  for (const MessageInfo& info : messages.messages) names.push_back(info.name);
  messages.names = NameIndex(std::move(names));
  return {};
}

Status RegistryBuilder::build() {
  schema_ = fb::GetSchema(registry_.bytes_.data());
  name_types();
  for (std::size_t i = 0; i < registry_.enums_.size(); ++i) {
    fill_enum(*registry_.enums_[i], *schema_->enums()->Get(static_cast<unsigned>(i)));
  }
  // Structs first: the order of writing asks for their alignment, which name_types() has set.
  for (std::size_t i = 0; i < registry_.tables_.size(); ++i) {
    const fb::Object& from = *schema_->objects()->Get(static_cast<unsigned>(i));
    if (Status status = fill_table(*registry_.tables_[i], from); !status.ok()) return status;
  }
  Status status = fill_messages(registry_.commands_, "AnyCommand", "Commands", true);
  if (!status.ok()) return status;
  return fill_messages(registry_.events_, "AnyEvent", "Events", false);
}

Result<std::unique_ptr<SchemaRegistry>> SchemaRegistry::load(std::span<const std::uint8_t> bfbs) {
  std::unique_ptr<SchemaRegistry> registry(new SchemaRegistry());
  registry->bytes_.assign(bfbs.begin(), bfbs.end());
  flatbuffers::Verifier verifier(registry->bytes_.data(), registry->bytes_.size());
  if (!fb::VerifySchemaBuffer(verifier)) {
    return error(ErrorCode::Corrupt, "not a binary FlatBuffers schema");
  }
  RegistryBuilder builder(*registry);
  if (Status status = builder.build(); !status.ok()) return std::move(status).error();
  return registry;
}

}  // namespace orderlog::codec
