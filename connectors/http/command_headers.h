// What a request's header fields say about its commands: who, on whose behalf, whether it is a
// repeat, and which version it expects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/http/request.h"
#include "events/base/result.h"
#include "events/base/uuid.h"

namespace orderlog::http {

inline constexpr std::size_t idempotency_key_bytes_max = 255;
inline constexpr std::size_t actor_bytes_max = 128;

struct CommandHeaders {
  std::optional<std::string> idempotency_key;               // Idempotency-Key: "a key" or a-key
  std::optional<std::uint64_t> expected_version;            // If-Match: "3" or 3
  std::string_view actor = "anonymous";                     // X-Actor; borrowed from the request
  schema::Role role = schema::Role::None;                   // X-Role: SalesManager
  schema::Authority authority = schema::Authority::Normal;  // X-Authority: Import
  Uuid correlation_id;                                      // X-Correlation-Id; nil when absent
};

// Errors: InvalidArgument, naming the field.
Result<CommandHeaders> read_command_headers(const Request& request);

// A key as it may stand in the field (a structured-field string, or bare) or in a batch's row: 1 to
// 255 characters of printable ASCII. Errors: InvalidArgument.
Result<std::string> read_idempotency_key(std::string_view value);
Status check_idempotency_key(std::string_view key);

// 1 to 128 characters of printable ASCII.
bool is_actor(std::string_view text);

// The id of the command that the key stands for: one for each command name and key, for ever, no
// matter whether it comes alone or in a batch.
Uuid command_id_of_key(std::string_view command_name, std::string_view key);

}  // namespace orderlog::http
