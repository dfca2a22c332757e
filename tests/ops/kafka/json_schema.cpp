#include "tests/ops/kafka/json_schema.h"

#include <regex>

namespace orderlog::test {
namespace {

namespace json = boost::json;

bool has_type(const json::value& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  return type == "number" && value.is_number();
}

bool has_type(const json::value& value, const json::value& types) {
  if (types.is_string()) return has_type(value, std::string(types.as_string()));
  for (const auto& type : types.as_array()) {
    if (has_type(value, std::string(type.as_string()))) return true;
  }
  return false;
}

bool has_format(const std::string& text, const std::string& format) {
  const char* form = format == "uuid"   ? "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
                     : format == "date" ? "[0-9]{4}-[0-9]{2}-[0-9]{2}"
                     : format == "date-time"
                         ? "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z"
                         : ".*";
  return std::regex_match(text, std::regex(form));
}

// Of how many the value is one.
std::size_t fitting(const json::value& value, const json::value& schemas,
                    const json::value& document) {
  std::size_t count = 0;
  for (const auto& schema : schemas.as_array())
    count += violation(value, schema, document).empty() ? 1 : 0;
  return count;
}

std::string members(const json::value& value, const json::value& properties,
                    const json::value& document, const std::string& place) {
  if (!value.is_object()) return {};
  for (const auto& [name, schema] : properties.as_object()) {
    const auto* member = value.as_object().if_contains(name);
    if (member == nullptr) continue;
    if (auto wrong = violation(*member, schema, document, place + "/" + std::string(name));
        !wrong.empty()) {
      return wrong;
    }
  }
  return {};
}

std::string keyword(const std::string& name, const json::value& rule, const json::value& value,
                    const json::value& document, const std::string& place) {
  const auto unless = [&](bool holds) {
    return holds ? std::string() : place + ": " + name + " " + json::serialize(rule);
  };
  const std::string text = value.is_string() ? std::string(value.as_string()) : std::string();
  if (name == "$ref") {
    return violation(value, document.at_pointer(std::string(rule.as_string()).substr(1)), document,
                     place);
  }
  if (name == "type") return unless(has_type(value, rule));
  if (name == "const") return unless(value == rule);
  if (name == "enum") {
    const auto& allowed = rule.as_array();
    return unless(std::find(allowed.begin(), allowed.end(), value) != allowed.end());
  }
  if (name == "pattern")
    return unless(std::regex_search(text, std::regex(std::string(rule.as_string()))));
  if (name == "format")
    return unless(!value.is_string() || has_format(text, std::string(rule.as_string())));
  if (name == "required") {
    if (!value.is_object()) return {};
    for (const auto& member : rule.as_array()) {
      if (!value.as_object().contains(member.as_string()))
        return place + ": lacks " + std::string(member.as_string());
    }
    return {};
  }
  if (name == "properties") return members(value, rule, document, place);
  if (name == "items") {
    if (!value.is_array()) return {};
    for (const auto& item : value.as_array()) {
      if (auto wrong = violation(item, rule, document, place + "/*"); !wrong.empty()) return wrong;
    }
    return {};
  }
  if (name == "allOf") {
    for (const auto& schema : rule.as_array()) {
      if (auto wrong = violation(value, schema, document, place); !wrong.empty()) return wrong;
    }
    return {};
  }
  if (name == "anyOf") return unless(fitting(value, rule, document) > 0);
  if (name == "oneOf") return unless(fitting(value, rule, document) == 1);
  if (name == "minimum")
    return unless(!value.is_int64() || value.as_int64() >= rule.to_number<std::int64_t>());
  if (name == "maximum" || name == "minLength" || name == "maxLength" || name == "description" ||
      name == "title" || name == "default" || name == "unevaluatedProperties") {
    return {};
  }
  return place + ": a keyword that the test does not know: " + name;
}

}  // namespace

std::string violation(const json::value& value, const json::value& schema,
                      const json::value& document, const std::string& place) {
  for (const auto& [name, rule] : schema.as_object()) {
    if (auto wrong = keyword(std::string(name), rule, value, document, place); !wrong.empty())
      return wrong;
  }
  return {};
}

}  // namespace orderlog::test
