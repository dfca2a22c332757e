// What a decider may know besides its own state: when and by whom the command was given, the
// parameters of the business, and master data. All of it is a value: no clock, no randomness, no
// input or output.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/policy.h"
#include "events/base/time.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::engine {

// Master data as far as this partition has seen it; nullptr when unknown. Borrowed for the call.
class ReferenceData {
 public:
  virtual ~ReferenceData() = default;
  virtual const schema::ProductStateT* product(std::string_view product_id) const = 0;
  virtual const schema::CustomerStateT* customer(std::string_view customer_id) const = 0;
};

struct Context {
  std::string_view aggregate_id;
  // Version of the aggregate before this command; 0 when it does not exist yet.
  std::uint64_t version = 0;
  // Business time of the command.
  TimestampUs occurred_at = 0;
  std::string_view actor;
  schema::Role role = schema::Role::None;
  schema::Authority authority = schema::Authority::Normal;
  const Policy& policy;
  const ReferenceData& reference;
};

struct EventMeta {
  std::string_view aggregate_id;
  std::uint64_t version = 0;
  TimestampUs occurred_at = 0;
  std::string_view actor;
  schema::Role role = schema::Role::None;
  schema::Authority authority = schema::Authority::Normal;
};

}  // namespace orderlog::engine
