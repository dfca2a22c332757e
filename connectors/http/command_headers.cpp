// Strict reading of a few header fields: a value that is not understood is refused, never guessed.
#include "connectors/http/command_headers.h"

#include <algorithm>
#include <charconv>

#include "events/codec/schema_registry.h"

namespace orderlog::http {

namespace {

Error bad(std::string_view field, std::string_view why) {
  return error(ErrorCode::InvalidArgument, std::string(field) + " " + std::string(why));
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Result<std::uint64_t> read_version(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  std::uint64_t version = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), version);
  if (value.empty() || failed != std::errc() || end != value.data() + value.size()) {
    return bad("If-Match", "must be one version, like \"3\"");
  }
  return version;
}

// The number of an enum's member by its name, without regard to case.
std::optional<std::int64_t> member_of(std::string_view enumeration, std::string_view name) {
  const codec::EnumInfo* info = codec::SchemaRegistry::builtin().enumeration(enumeration);
  for (const codec::EnumMember& member : info->members) {
    if (equal_ignoring_case(member.name, name)) return member.value;
  }
  return std::nullopt;
}

Status read_field(CommandHeaders& headers, std::string_view name, std::string_view value) {
  if (equal_ignoring_case(name, "Idempotency-Key")) {
    if (headers.idempotency_key) return bad(name, "is given twice");
    auto key = read_idempotency_key(value);
    if (!key) return bad(name, key.error().message);
    headers.idempotency_key = std::move(*key);
  } else if (equal_ignoring_case(name, "If-Match")) {
    if (headers.expected_version) return bad(name, "is given twice");
    auto version = read_version(value);
    if (!version) return version.error();
    headers.expected_version = *version;
  } else if (equal_ignoring_case(name, "X-Actor")) {
    if (!is_actor(value)) {
      return bad(name, "must have 1 to 128 printable ASCII characters");
    }
    headers.actor = value;
  } else if (equal_ignoring_case(name, "X-Role")) {
    const auto role = member_of("Role", value);
    if (!role) return bad(name, "is not a role: " + quote_input(value));
    headers.role = static_cast<schema::Role>(*role);
  } else if (equal_ignoring_case(name, "X-Authority")) {
    const auto authority = member_of("Authority", value);
    if (!authority || static_cast<schema::Authority>(*authority) == schema::Authority::System) {
      return bad(name, "must be Normal or Import");
    }
    headers.authority = static_cast<schema::Authority>(*authority);
  } else if (equal_ignoring_case(name, "X-Correlation-Id")) {
    auto id = parse_uuid(value);
    if (!id) return bad(name, "must be a UUID");
    headers.correlation_id = *id;
  }
  return {};
}

}  // namespace

Status check_idempotency_key(std::string_view key) {
  if (key.empty() || key.size() > idempotency_key_bytes_max || !is_printable(key)) {
    return error(ErrorCode::InvalidArgument, "must have 1 to 255 printable ASCII characters");
  }
  return {};
}

bool is_actor(std::string_view text) {
  return !text.empty() && text.size() <= actor_bytes_max && is_printable(text);
}

Result<std::string> read_idempotency_key(std::string_view value) {
  std::string key;
  if (!value.starts_with('"')) {
    key = value;
  } else {
    if (value.size() < 2 || !value.ends_with('"')) {
      return error(ErrorCode::InvalidArgument, "begins with a quote but does not end with one");
    }
    value = value.substr(1, value.size() - 2);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const bool escaped = value[i] == '\\';
      if (escaped) ++i;
      if (i == value.size() || (escaped ? value[i] != '"' && value[i] != '\\' : value[i] == '"')) {
        return error(ErrorCode::InvalidArgument, "is not a structured-field string (RFC 8941)");
      }
      key += value[i];
    }
  }
  if (const Status status = check_idempotency_key(key); !status) return status.error();
  return key;
}

Uuid command_id_of_key(std::string_view command_name, std::string_view key) {
  std::string scope = "/v1/commands/";
  scope += command_name;
  return uuid_of_key(scope, key);
}

Result<CommandHeaders> read_command_headers(const Request& request) {
  CommandHeaders headers;
  for (const HeaderField& field : request.fields) {
    // All fields of ours begin with one of these letters, most others don't.
    const char first = field.name.empty() ? '\0' : static_cast<char>(field.name[0] | 0x20);
    if (first != 'i' && first != 'x') continue;
    if (const Status status = read_field(headers, field.name, field.value); !status) {
      return status.error();
    }
  }
  return headers;
}

}  // namespace orderlog::http
