// Everything that can go wrong for a client, as RFC 9457 problems with types that never change.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "connectors/http/responder.h"

namespace orderlog::engine {
enum class RejectionCode;
}

namespace orderlog::http {

enum class ProblemType : std::uint8_t {
  // The request as such.
  MalformedRequest,
  InvalidHeader,
  InvalidParameter,
  InvalidCursor,
  MalformedJson,
  MalformedFlatbuffer,
  UnknownCommand,
  NoSuchRoute,
  NotFound,
  MethodNotAllowed,
  RequestTimeout,
  BodyTooLarge,
  TooManyRows,
  TargetTooLong,
  UnsupportedMediaType,
  InvalidCommand,
  HeaderTooLarge,
  IdempotencyKeyReused,
  // What the domain says.
  InvalidTransition,
  AlreadyExists,
  InvalidArgument,
  VersionConflict,
  Forbidden,
  InsufficientStock,
  CreditRefused,
  Duplicate,
  CurrencyMismatch,
  Overflow,
  LimitExceeded,
  Expired,
  EngineOnly,
  // The world.
  InternalError,
  NotImplemented,
  NotOnThisLog,
  Overloaded,
  ShuttingDown,
  NotLeading,
  UnknownOutcome,
  PositionTimeout,
  VersionNotSupported,
};
inline constexpr std::size_t problem_types =
    static_cast<std::size_t>(ProblemType::VersionNotSupported) + 1;

struct ProblemInfo {
  std::string_view code;  // "insufficient-stock": the end of the type URI
  int status;
  std::string_view title;
  std::string_view meaning;  // for the page /problems/<code>: what it means, what to do
};
const ProblemInfo& info_of(ProblemType type);
// nullptr when there is no such code.
const ProblemInfo* problem_info(std::string_view code);

ProblemType problem_of(engine::RejectionCode code);

struct ProblemError {
  std::string_view pointer;  // RFC 6901 into the body, or empty
  std::string_view detail;
  std::string_view code;  // empty: none
};

struct Problem {
  ProblemType type = ProblemType::InternalError;
  std::string_view detail;
  std::string_view instance;  // the request's path
  std::span<const ProblemError> errors;
  // Further members, as JSON text that begins with a comma: ",\"current_version\":3".
  std::string_view members;
};

// Appends {"type":"urn:orderlog:problem:…","title","status","detail","instance",…}.
void write_problem(std::string& out, const Problem& problem);

// Answers with it. `fields`: further header lines. Those that say "try again" get a Retry-After.
void send_problem(const Responder& responder, const Problem& problem, std::string_view fields = {});

inline constexpr std::string_view problem_content_type = "application/problem+json";
inline constexpr std::string_view problem_type_prefix = "urn:orderlog:problem:";

}  // namespace orderlog::http
