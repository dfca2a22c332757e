// The CloudEvents attributes of a command, however they came: as ce_… headers (binary mode) or as
// members of a JSON object (structured mode). Must hold: 1. an attribute that is not known is
// ignored, as CloudEvents asks; one that is known is understood or refused by its name; 2. the same
// source and id give the same command id for ever, so that a redelivery is a repeat.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/uuid.h"
#include "events/codec/json_reader.h"

namespace orderlog::kafka {

// Limits in bytes. More is refused.
inline constexpr std::size_t attribute_bytes_max = 512;
inline constexpr std::size_t actor_bytes_max = 128;

enum class Attribute : std::uint8_t {
  SpecVersion,
  Id,
  Source,
  Type,
  Time,
  DataContentType,
  // Extensions. The last four are ours: as in the body of a command over HTTP.
  CorrelationId,
  Actor,
  Role,
  Authority,
  ExpectedVersion,
};
inline constexpr std::size_t attribute_count = 11;

// "id", "correlationid" and so on.
std::string_view to_string(Attribute attribute);
std::optional<Attribute> attribute_of(std::string_view name);

// Views are borrowed from the record or from what it was parsed into.
class Attributes {
 public:
  enum class Mode : std::uint8_t { Binary, Structured };

  explicit Attributes(Mode mode) : mode_(mode) {}

  // Errors: InvalidArgument (given twice, too long, control characters, not UTF-8).
  Status set(Attribute attribute, std::string_view value);
  std::optional<std::string_view> get(Attribute attribute) const;
  // Whether there is any besides the content type.
  bool any() const;

  // As its sender wrote it: "ce_id" or "id"; the content type is "content-type" in binary mode.
  std::string name(Attribute attribute) const;

  // That specversion, id, source and type are there, and that it is CloudEvents 1.0. Errors:
  // InvalidArgument, Unsupported.
  Status check_required() const;

 private:
  Mode mode_;
  std::array<std::optional<std::string_view>, attribute_count> values_;
};

// The command's name: "PlaceOrder" or "orderlog.PlaceOrder.v1". Errors: InvalidArgument.
Result<const codec::MessageInfo*> command_named(const Attributes& attributes);

Uuid command_id_of(std::string_view source, std::string_view id);

// What the attributes say about a command, for codec::build_command. Without an actor it is the
// source (if that can be one, else "anonymous"), without a time it is `occurred_at`. Digits of the
// time beyond microseconds are cut off. Errors: InvalidArgument.
Result<codec::CommandMeta> command_meta(const Attributes& attributes, TimestampUs occurred_at);

// Whether it may stand for who did something: 1 to 128 printable ASCII characters.
bool is_actor(std::string_view text);

}  // namespace orderlog::kafka
