// One JSON value → the bits of one scalar. What is wrong comes back as a code and a sentence; where
// it is wrong, the caller knows.
#pragma once

#include <cstdint>
#include <string>

#include "events/codec/json_reader.h"
#include "events/codec/json_tape.h"
#include "events/codec/schema_types.h"

namespace orderlog::codec {

struct ScalarRead {
  bool ok = false;
  std::uint64_t bits = 0;  // the low bytes are the value; a float's or double's own pattern
  ProblemCode code = ProblemCode::WrongType;
  std::string detail;
};

// `kind` is Number, Enum, Date or Timestamp: the field's own, or its element's.
ScalarRead read_scalar(const FieldInfo& field, ValueKind kind, const Node& node);

struct UuidRead {
  bool ok = false;
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  ProblemCode code = ProblemCode::WrongType;
  std::string detail;
};
UuidRead read_uuid(const Node& node);

// Empty when the id may be used; else what is wrong with it.
std::string id_fault(std::string_view id);

// "an object", "the text \"abc\"", for messages.
std::string describe(const Node& node);

}  // namespace orderlog::codec
