// Strict reading of a few attributes: a value that is not understood is refused, never guessed.
#include "connectors/kafka/attributes.h"

#include <algorithm>
#include <charconv>

#include "connectors/kafka/media_type.h"
#include "events/codec/json_text.h"
#include "events/codec/schema_registry.h"

namespace orderlog::kafka {

namespace {

constexpr std::string_view names[attribute_count] = {
    "specversion",   "id",    "source", "type",      "time",           "datacontenttype",
    "correlationid", "actor", "role",   "authority", "expectedversion"};

constexpr std::string_view type_prefix = "orderlog.";
constexpr std::string_view type_suffix = ".v1";

constexpr std::size_t index_of(Attribute attribute) { return static_cast<std::size_t>(attribute); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
}

Error bad(const Attributes& attributes, Attribute attribute, std::string_view why) {
  return error(ErrorCode::InvalidArgument, attributes.name(attribute) + " " + std::string(why));
}

// Many producers write nanoseconds.
Result<TimestampUs> read_time(std::string_view text) {
  constexpr std::size_t digits_max = 6;
  std::string time(text);
  if (const std::size_t point = time.find('.'); point != std::string::npos) {
    const std::size_t from = point + 1;
    std::size_t end = from;
    while (end < time.size() && is_digit(time[end])) ++end;
    if (end - from > digits_max) time.erase(from + digits_max, end - from - digits_max);
  }
  return timestamp_from_text(time);
}

template <class Enum>
Result<Enum> read_enum(const Attributes& attributes, Attribute attribute,
                       std::string_view enumeration, std::string_view value) {
  const codec::EnumInfo* info = codec::SchemaRegistry::builtin().enumeration(enumeration);
  const codec::EnumMember* member = info->by_name(value);
  if (member == nullptr) {
    return bad(attributes, attribute,
               "is not one of " + std::string(enumeration) + ": " + quote_input(value));
  }
  return static_cast<Enum>(member->value);
}

Status read_extensions(const Attributes& attributes, codec::CommandMeta& meta) {
  if (const auto text = attributes.get(Attribute::CorrelationId)) {
    const auto id = parse_uuid(*text);
    if (!id || is_nil(*id)) return bad(attributes, Attribute::CorrelationId, "must be a UUID");
    meta.correlation_id = *id;
  }
  if (const auto role = attributes.get(Attribute::Role)) {
    const auto read = read_enum<schema::Role>(attributes, Attribute::Role, "Role", *role);
    if (!read) return read.error();
    meta.role = *read;
  }
  if (const auto authority = attributes.get(Attribute::Authority)) {
    const auto read =
        read_enum<schema::Authority>(attributes, Attribute::Authority, "Authority", *authority);
    if (!read) return read.error();
    meta.authority = *read;
  }
  if (const auto text = attributes.get(Attribute::ExpectedVersion)) {
    std::uint64_t version = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), version);
    if (text->empty() || failed != std::errc() || end != text->data() + text->size()) {
      return bad(attributes, Attribute::ExpectedVersion, "must be a version, like 3");
    }
    meta.expected_version = version;
  }
  return {};
}

}  // namespace

std::string_view to_string(Attribute attribute) { return names[index_of(attribute)]; }

std::optional<Attribute> attribute_of(std::string_view name) {
  const auto* found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Attribute>(found - std::begin(names));
}

Status Attributes::set(Attribute attribute, std::string_view value) {
  std::optional<std::string_view>& slot = values_[index_of(attribute)];
  if (slot) return bad(*this, attribute, "is given twice");
  if (value.size() > attribute_bytes_max) {
    return bad(*this, attribute,
               "has " + std::to_string(value.size()) + " bytes, more than the limit of " +
                   std::to_string(attribute_bytes_max));
  }
  if (!codec::is_utf8(value)) return bad(*this, attribute, "is not UTF-8");
  if (has_control_characters(value)) return bad(*this, attribute, "has control characters");
  slot = value;
  return {};
}

std::optional<std::string_view> Attributes::get(Attribute attribute) const {
  return values_[index_of(attribute)];
}

bool Attributes::any() const {
  for (std::size_t i = 0; i < attribute_count; ++i) {
    if (values_[i] && i != index_of(Attribute::DataContentType)) return true;
  }
  return false;
}

std::string Attributes::name(Attribute attribute) const {
  if (mode_ == Mode::Structured) return std::string(to_string(attribute));
  if (attribute == Attribute::DataContentType) return std::string(content_type_header);
  return "ce_" + std::string(to_string(attribute));
}

Status Attributes::check_required() const {
  for (const Attribute attribute :
       {Attribute::SpecVersion, Attribute::Id, Attribute::Source, Attribute::Type}) {
    const auto value = get(attribute);
    if (!value) return bad(*this, attribute, "is missing");
    if (value->empty()) return bad(*this, attribute, "is empty");
  }
  if (const auto version = *get(Attribute::SpecVersion); version != "1.0") {
    return error(ErrorCode::Unsupported,
                 name(Attribute::SpecVersion) + " must be 1.0, not " + quote_input(version));
  }
  return {};
}

Result<const codec::MessageInfo*> command_named(const Attributes& attributes) {
  const std::string_view type = attributes.get(Attribute::Type).value_or("");
  std::string_view command = type;
  if (command.starts_with(type_prefix) && command.ends_with(type_suffix)) {
    command.remove_prefix(type_prefix.size());
    command.remove_suffix(std::min(type_suffix.size(), command.size()));
  }
  const codec::MessageInfo* info = codec::SchemaRegistry::builtin().command(command);
  if (info == nullptr) {
    return bad(
        attributes, Attribute::Type,
        "names no command, as PlaceOrder or orderlog.PlaceOrder.v1 would: " + quote_input(type));
  }
  return info;
}

// The source's length is part of what is hashed: ("/a", "bc") and ("/ab", "c") are two commands.
Uuid command_id_of(std::string_view source, std::string_view id) {
  std::string scope = "/kafka/commands/";
  scope += source;
  return uuid_of_key(scope, id);
}

Result<codec::CommandMeta> command_meta(const Attributes& attributes, TimestampUs occurred_at) {
  codec::CommandMeta meta;
  const std::string_view source = attributes.get(Attribute::Source).value_or("");
  meta.command_id = command_id_of(source, attributes.get(Attribute::Id).value_or(""));
  meta.occurred_at = occurred_at;
  if (const auto text = attributes.get(Attribute::Time)) {
    const auto time = read_time(*text);
    if (!time) return bad(attributes, Attribute::Time, "cannot be used: " + time.error().message);
    meta.occurred_at = *time;
  }
  meta.actor = is_actor(source) ? source : "anonymous";
  if (const auto actor = attributes.get(Attribute::Actor)) {
    if (!is_actor(*actor)) {
      return bad(
          attributes, Attribute::Actor,
          "must have 1 to " + std::to_string(actor_bytes_max) + " printable ASCII characters");
    }
    meta.actor = *actor;
  }
  if (const Status status = read_extensions(attributes, meta); !status) return status.error();
  return meta;
}

bool is_actor(std::string_view text) {
  return !text.empty() && text.size() <= actor_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace orderlog::kafka
