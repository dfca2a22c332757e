#include "events/codec/guard/schema_guard.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "flatbuffers/idl.h"
#include "flatbuffers/reflection.h"

namespace orderlog::codec {
namespace {

namespace fb = reflection;

bool marked(const fb::Field& field, const char* name) {
  return field.attributes() != nullptr && field.attributes()->LookupByKey(name) != nullptr;
}

// The type as the schema writes it, so that types of two schemas can be compared.
std::string type_text(const fb::Schema& schema, const fb::Type& type, bool is_element) {
  const fb::BaseType base = is_element ? type.element() : type.base_type();
  if (base == fb::Vector) return "[" + type_text(schema, type, true) + "]";
  if (base == fb::Array) {
    return "[" + type_text(schema, type, true) + ":" + std::to_string(type.fixed_length()) + "]";
  }
  if (type.index() >= 0) {
    const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
    if (base == fb::Obj) return schema.objects()->Get(index)->name()->str();
    const std::string name = schema.enums()->Get(index)->name()->str();
    return base == fb::UType ? "type of " + name : name;
  }
  return fb::EnumNameBaseType(base);
}

class Comparison {
 public:
  Comparison(const SchemaFiles& released, const SchemaFiles& current)
      : released_(released.schema()), current_(current.schema()) {
    compare_roots(released, current);
    for (const fb::Object* object : *released_.objects()) compare_object(*object);
    for (const fb::Enum* from : *released_.enums()) compare_enum(*from);
    const std::string conform =
        const_cast<flatbuffers::Parser&>(current.parser()).ConformTo(released.parser());
    if (!conform.empty()) add("conform", "", conform);
  }

  std::vector<SchemaFinding> take() { return std::move(findings_); }

 private:
  void add(std::string rule, std::string where, std::string message) {
    findings_.push_back({std::move(rule), std::move(where), std::move(message)});
  }

  void compare_roots(const SchemaFiles& released, const SchemaFiles& current) {
    for (const auto& [name, root] : released.roots()) {
      const auto found = current.roots().find(name);
      const SchemaFileRoot now = found == current.roots().end() ? SchemaFileRoot{} : found->second;
      if (now.identifier != root.identifier) {
        add("identifier-changed", name,
            "was \"" + root.identifier + "\", is \"" + now.identifier + "\"");
      }
      if (now.root_table != root.root_table) {
        add("root-changed", name, "was " + root.root_table + ", is " + now.root_table);
      }
    }
  }

  void compare_object(const fb::Object& was) {
    const std::string where = was.name()->str();
    const fb::Object* now = current_.objects()->LookupByKey(where.c_str());
    if (now == nullptr) return add("table-removed", where, "buffers with it exist");
    if (was.is_struct() || now->is_struct()) return compare_struct(was, *now);
    for (const fb::Field* field : *was.fields()) compare_field(where, *field, *now);
    for (const fb::Field* field : *now->fields()) {
      if (field->required() && by_id(was, field->id()) == nullptr) {
        add("required-added", where + "." + field->name()->str(),
            "a new field cannot be required: older buffers do not have it");
      }
    }
  }

  void compare_struct(const fb::Object& was, const fb::Object& now) {
    bool same = was.is_struct() == now.is_struct() && was.bytesize() == now.bytesize() &&
                was.minalign() == now.minalign() && was.fields()->size() == now.fields()->size();
    for (const fb::Field* field : *was.fields()) {
      const fb::Field* other = now.fields()->LookupByKey(field->name()->c_str());
      same =
          same && other != nullptr && other->offset() == field->offset() &&
          type_text(current_, *other->type(), false) == type_text(released_, *field->type(), false);
    }
    if (!same) add("struct-changed", was.name()->str(), "a struct is fixed for ever");
  }

  static const fb::Field* by_id(const fb::Object& object, std::uint16_t id) {
    for (const fb::Field* field : *object.fields()) {
      if (field->id() == id) return field;
    }
    return nullptr;
  }

  void compare_field(const std::string& table, const fb::Field& was, const fb::Object& owner) {
    const std::string where = table + "." + was.name()->str();
    const fb::Field* same_name = owner.fields()->LookupByKey(was.name()->c_str());
    const fb::Field* now = by_id(owner, was.id());
    if (same_name != nullptr && same_name->id() != was.id()) {
      return add("field-id-changed", where,
                 "was " + std::to_string(was.id()) + ", is " + std::to_string(same_name->id()));
    }
    if (now == nullptr) return add("field-removed", where, "mark it (deprecated) instead");
    if (same_name == nullptr) {
      return add("field-renamed", where, "is now " + now->name()->str() + ": its JSON breaks");
    }
    const std::string old_type = type_text(released_, *was.type(), false);
    const std::string new_type = type_text(current_, *now->type(), false);
    if (old_type != new_type) {
      add("field-type-changed", where, "was " + old_type + ", is " + new_type);
    }
    if (was.default_integer() != now->default_integer() ||
        was.default_real() != now->default_real()) {
      add("default-changed", where, "buffers that left the field out would change their meaning");
    }
    if (was.optional() != now->optional()) add("optional-changed", where, "= null came or went");
    if (now->required() && !was.required()) {
      add("required-added", where, "older buffers may not have it");
    }
    for (const char* mark : {"timestamp", "date"}) {
      if (marked(was, mark) != marked(*now, mark)) {
        add("marking-changed", where, std::string("(") + mark + ") came or went: its JSON breaks");
      }
    }
    if (was.deprecated() && !now->deprecated()) {
      add("deprecated-revived", where, "writers in between left it out");
    }
  }

  void compare_enum(const fb::Enum& was) {
    const std::string where = was.name()->str();
    const fb::Enum* now = current_.enums()->LookupByKey(where.c_str());
    if (now == nullptr) return add("enum-removed", where, "buffers with it exist");
    if (was.is_union() != now->is_union() ||
        was.underlying_type()->base_type() != now->underlying_type()->base_type()) {
      add("enum-type-changed", where, "its underlying type, or whether it is a union");
    }
    for (const fb::EnumVal* value : *was.values()) compare_member(where, *value, *now);
  }

  void compare_member(const std::string& owner, const fb::EnumVal& was, const fb::Enum& now) {
    const std::string where = owner + "." + was.name()->str();
    const fb::EnumVal* same_name = nullptr;
    const fb::EnumVal* same_value = nullptr;
    for (const fb::EnumVal* value : *now.values()) {
      if (value->name()->str() == was.name()->str()) same_name = value;
      if (value->value() == was.value()) same_value = value;
    }
    if (same_name != nullptr && same_name->value() != was.value()) {
      return add(
          "member-value-changed", where,
          "was " + std::to_string(was.value()) + ", is " + std::to_string(same_name->value()));
    }
    if (same_value == nullptr) return add("member-removed", where, "buffers with it exist");
    if (same_name == nullptr) {
      return add("member-renamed", where, "is now " + same_value->name()->str());
    }
    const bool has_type = was.union_type() != nullptr && same_name->union_type() != nullptr;
    if (has_type && type_text(released_, *was.union_type(), false) !=
                        type_text(current_, *same_name->union_type(), false)) {
      add("member-type-changed", where, "is another table now");
    }
  }

  const fb::Schema& released_;
  const fb::Schema& current_;
  std::vector<SchemaFinding> findings_;
};

}  // namespace

std::vector<SchemaFinding> compare_schemas(const SchemaFiles& released,
                                           const SchemaFiles& current) {
  return Comparison(released, current).take();
}

std::vector<int> list_releases(const std::string& released_folder) {
  std::vector<int> numbers;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(released_folder, none)) {
    const std::string name = entry.path().filename().string();
    int number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed == std::errc{} && end == name.data() + name.size()) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<SchemaFinding> guard_schema(const std::string& current_folder,
                                        const std::string& released_folder) {
  auto current = SchemaFiles::load(current_folder);
  if (auto* failed = std::get_if<SchemaFinding>(&current)) return {*failed};
  const SchemaFiles& files = *std::get<std::unique_ptr<SchemaFiles>>(current);
  std::vector<SchemaFinding> findings = lint_schema(files);
  for (const int number : list_releases(released_folder)) {
    auto released = SchemaFiles::load(released_folder + "/" + std::to_string(number));
    if (auto* failed = std::get_if<SchemaFinding>(&released)) return {*failed};
    const auto& old = *std::get<std::unique_ptr<SchemaFiles>>(released);
    for (SchemaFinding& finding : compare_schemas(old, files)) {
      finding.message += " (against release " + std::to_string(number) + ")";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace orderlog::codec
