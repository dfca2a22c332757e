// The conventions that codec, engine and log rely on, checked on the schema itself.
#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "events/codec/guard/schema_guard.h"
#include "flatbuffers/idl.h"
#include "flatbuffers/reflection.h"

namespace orderlog::codec {
namespace {

namespace fb = reflection;

// As in the codec: a set of fields is one machine word there.
constexpr std::size_t table_fields_max = 64;

// Members of a command's JSON body that belong to its envelope.
constexpr std::array<std::string_view, 7> reserved_names = {
    "command_id", "occurred_at", "expected_version", "actor",
    "role",       "authority",   "correlation_id"};

constexpr std::array<std::string_view, 6> date_names = {"date",        "eta",     "valid_from",
                                                        "valid_until", "ship_by", "booked_on"};

std::string_view view(const flatbuffers::String* text) { return {text->c_str(), text->size()}; }

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
}

bool marked(const fb::Field& field, const char* name) {
  return field.attributes() != nullptr && field.attributes()->LookupByKey(name) != nullptr;
}

class Lint {
 public:
  explicit Lint(const fb::Schema& schema) : schema_(schema) {
    for (const fb::Object* object : *schema.objects()) check_object(*object);
    check_messages("AnyCommand", "Commands", true);
    check_messages("AnyEvent", "Events", false);
  }

  std::vector<SchemaFinding> take() { return std::move(findings_); }

 private:
  void add(std::string rule, std::string where, std::string message) {
    findings_.push_back({std::move(rule), std::move(where), std::move(message)});
  }

  void check_object(const fb::Object& object) {
    if (object.fields()->size() > table_fields_max) {
      add("too-many-fields", object.name()->str(), "more than the codec can hold");
    }
    for (const fb::Field* field : *object.fields()) {
      const std::string where = object.name()->str() + "." + field->name()->str();
      check_type(*field, where);
      if (object.is_struct()) continue;
      // A union's type field gets the id before that of the union, without an attribute.
      const bool implied = field->type()->base_type() == fb::UType;
      if (!implied && !marked(*field, "id")) add("explicit-id", where, "has no (id: n)");
      check_marking(*field, where);
    }
  }

  void check_type(const fb::Field& field, const std::string& where) {
    const fb::Type& type = *field.type();
    const bool is_vector = type.base_type() == fb::Vector;
    const fb::BaseType base = is_vector ? type.element() : type.base_type();
    if (flatbuffers::IsFloat(base)) {
      add("no-float", where, "money and quantities are integers (domain.md 4.1)");
    }
    const bool odd = base == fb::Array || base == fb::Vector ||
                     (is_vector && (base == fb::Union || base == fb::UType)) ||
                     marked(field, "nested_flatbuffer") || marked(field, "bit_flags");
    if (odd) add("plain-type", where, "the codec does not speak this type");
  }

  void check_marking(const fb::Field& field, const std::string& where) {
    const std::string_view name = view(field.name());
    const fb::BaseType base = field.type()->base_type();
    const bool timestamp = marked(field, "timestamp");
    const bool date = marked(field, "date");
    if (timestamp && base != fb::Long) add("marking", where, "(timestamp) is for long");
    if (date && base != fb::Int) add("marking", where, "(date) is for int");
    const bool looks_like_time = name == "at" || name.ends_with("_at");
    if (base == fb::Long && looks_like_time && !timestamp) {
      add("marking", where, "a time must be marked (timestamp)");
    }
    const bool known = std::find(date_names.begin(), date_names.end(), name) != date_names.end();
    const bool looks_like_date = known || name.ends_with("_date") || name.ends_with("_on");
    if (base == fb::Int && looks_like_date && !date) {
      add("marking", where, "a day must be marked (date)");
    }
  }

  const fb::Enum* union_named(std::string_view name) const {
    for (const fb::Enum* candidate : *schema_.enums()) {
      if (candidate->is_union() && last_part(view(candidate->name())) == name) return candidate;
    }
    return nullptr;
  }

  const fb::Object* table_of(const fb::EnumVal& value) const {
    const fb::Type* type = value.union_type();
    if (type == nullptr || type->base_type() != fb::Obj) return nullptr;
    return schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(type->index()));
  }

  void check_messages(std::string_view any, std::string_view suffix, bool are_commands) {
    const fb::Enum* wrappers = union_named(any);
    if (wrappers == nullptr) return;
    std::map<std::string, std::string> owners;
    for (const fb::EnumVal* value : *wrappers->values()) {
      if (value->value() == 0) continue;
      const fb::Enum* messages = check_wrapper(*value, suffix);
      if (messages == nullptr) continue;
      for (const fb::EnumVal* message : *messages->values()) {
        if (message->value() == 0) continue;
        const fb::Object* table = table_of(*message);
        if (table == nullptr) {
          add("wrapper", message->name()->str(), "a union of tables only");
          continue;
        }
        check_message(*table, value->name()->str(), owners, are_commands);
      }
    }
  }

  // The union in the wrapper, or null when the wrapper is not as it must be.
  const fb::Enum* check_wrapper(const fb::EnumVal& value, std::string_view suffix) {
    const fb::Object* wrapper = table_of(value);
    const std::string where = value.name()->str();
    const fb::Field* slot = nullptr;
    std::size_t others = 0;
    for (std::size_t i = 0; wrapper != nullptr && i < wrapper->fields()->size(); ++i) {
      const fb::Field* field = wrapper->fields()->Get(static_cast<flatbuffers::uoffset_t>(i));
      const bool is_union = field->type()->base_type() == fb::Union && field->id() == 1;
      if (is_union) slot = field;
      if (!is_union && field->type()->base_type() != fb::UType) ++others;
    }
    if (slot == nullptr || others > 0 || !last_part(where).ends_with(suffix)) {
      add("wrapper", where,
          "is named <Aggregate>" + std::string(suffix) +
              " and holds one union at id 1, nothing else");
      return nullptr;
    }
    return schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(slot->type()->index()));
  }

  void check_message(const fb::Object& table, const std::string& wrapper,
                     std::map<std::string, std::string>& owners, bool is_command) {
    const std::string where = table.name()->str();
    const auto [owner, first] = owners.emplace(where, wrapper);
    if (!first) {
      add("message-name", where, "belongs to " + owner->second + " and to " + wrapper);
    }
    if (!is_command) return;
    const fb::Field* id = nullptr;
    for (const fb::Field* field : *table.fields()) {
      if (field->id() == 0) id = field;
      const std::string_view name = view(field->name());
      if (std::find(reserved_names.begin(), reserved_names.end(), name) != reserved_names.end()) {
        add("reserved-name", where + "." + std::string(name), "means the envelope's in JSON");
      }
    }
    const bool good = id != nullptr && id->required() && view(id->name()).ends_with("_id") &&
                      id->type()->base_type() == fb::String;
    if (!good) add("command-id", where, "its field 0 must be <aggregate>_id:string (required)");
  }

  const fb::Schema& schema_;
  std::vector<SchemaFinding> findings_;
};

}  // namespace

std::vector<SchemaFinding> lint_schema(const SchemaFiles& current) {
  return Lint(current.schema()).take();
}

}  // namespace orderlog::codec
