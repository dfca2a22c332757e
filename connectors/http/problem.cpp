// The catalogue of problems, and their JSON.
#include "connectors/http/problem.h"

#include <array>
#include <utility>

#include "engine/decision.h"
#include "events/base/ensure.h"
#include "events/codec/json_writer.h"

namespace orderlog::http {

namespace {

struct Row {
  ProblemType type;
  ProblemInfo info;
};

constexpr std::array<Row, problem_types> catalogue{{
    {ProblemType::MalformedRequest,
     {"malformed-request", 400, "The bytes are not an HTTP request",
      "The request line, a header field or the framing of the body breaks RFC 9112. The connection "
      "is closed."}},
    {ProblemType::InvalidHeader,
     {"invalid-header", 400, "A header field has an unusable value",
      "The detail names the field and what it must look like."}},
    {ProblemType::InvalidParameter,
     {"invalid-parameter", 400, "A query parameter has an unusable value",
      "The detail names the parameter and what it must look like."}},
    {ProblemType::InvalidCursor,
     {"invalid-cursor", 400, "The cursor does not belong to this question",
      "A cursor continues the very list it came with: same report, filter and order. Begin again "
      "without it."}},
    {ProblemType::MalformedJson,
     {"malformed-json", 400, "The body is not usable JSON",
      "The body is not JSON in UTF-8, or is nested too deeply."}},
    {ProblemType::MalformedFlatbuffer,
     {"malformed-flatbuffer", 400, "The body is not a usable FlatBuffer",
      "It is not what nodes of a cluster send each other. Clients send JSON."}},
    {ProblemType::UnknownCommand,
     {"unknown-command", 404, "There is no such command", "See /openapi.json for the commands."}},
    {ProblemType::NoSuchRoute,
     {"no-such-route", 404, "There is nothing at this path", "See /openapi.json for the paths."}},
    {ProblemType::NotFound,
     {"not-found", 404, "There is no such thing",
      "The aggregate, row or report does not exist, or the read model has not heard of it yet: "
      "give the "
      "min_position of the command's answer to wait for it."}},
    {ProblemType::MethodNotAllowed,
     {"method-not-allowed", 405, "The path does not take this method",
      "The Allow field lists those it takes."}},
    {ProblemType::RequestTimeout,
     {"request-timeout", 408, "The request took too long to arrive", "Send it again, in one go."}},
    {ProblemType::BodyTooLarge,
     {"body-too-large", 413, "The body is too large", "Send less, or several requests."}},
    {ProblemType::TooManyRows,
     {"too-many-rows", 413, "The batch has too many rows",
      "Nothing of it was decided. Split it; the detail says how many rows may be in one."}},
    {ProblemType::TargetTooLong,
     {"target-too-long", 414, "The path and query are too long", "Shorten the query."}},
    {ProblemType::UnsupportedMediaType,
     {"unsupported-media-type", 415, "The body's type is not understood",
      "Commands are application/json, batches are application/x-ndjson."}},
    {ProblemType::InvalidCommand,
     {"invalid-command", 422, "The command does not fit its schema",
      "Each entry of errors points to a member that is unknown, missing, of the wrong type or out "
      "of range. "
      "Nothing was decided; correct it and send it again, with the same Idempotency-Key if you "
      "like."}},
    {ProblemType::HeaderTooLarge,
     {"header-too-large", 431, "The header is too large", "Send fewer or shorter fields."}},
    {ProblemType::IdempotencyKeyReused,
     {"idempotency-key-reused", 422, "The Idempotency-Key was used for another command",
      "The key was accepted before with a different body. Nothing was decided. Use a new key for a "
      "new command."}},
    {ProblemType::InvalidTransition,
     {"invalid-transition", 409, "Not possible in the present state",
      "The detail says what stands against it."}},
    {ProblemType::AlreadyExists,
     {"already-exists", 409, "It exists already", "Choose another id, or change what is there."}},
    {ProblemType::InvalidArgument,
     {"invalid-argument", 422, "A value makes no sense here",
      "The error's pointer names the member."}},
    {ProblemType::VersionConflict,
     {"version-conflict", 412, "Somebody else changed it first",
      "The aggregate is not at the version of If-Match or expected_version. current_version says "
      "where it is: read "
      "it again and decide anew."}},
    {ProblemType::Forbidden,
     {"forbidden", 403, "The role does not allow this",
      "Somebody with the right role has to give the command."}},
    {ProblemType::InsufficientStock,
     {"insufficient-stock", 409, "Not enough stock",
      "Less is available to promise than was asked for."}},
    {ProblemType::CreditRefused,
     {"credit-refused", 409, "The credit limit does not allow this",
      "Pay, raise the limit, or have it released."}},
    {ProblemType::Duplicate,
     {"duplicate", 409, "This was recorded before", "The external reference is already taken."}},
    {ProblemType::CurrencyMismatch,
     {"currency-mismatch", 409, "The currencies differ", "One document has one currency."}},
    {ProblemType::Overflow,
     {"overflow", 422, "A number leaves its range", "The amounts are too large to be added."}},
    {ProblemType::LimitExceeded,
     {"limit-exceeded", 409, "A limit is exceeded", "The detail names the limit."}},
    {ProblemType::Expired,
     {"expired", 409, "Its time is over", "The quote, hold or promise has expired."}},
    {ProblemType::EngineOnly,
     {"engine-only", 403, "Only the engine gives this command",
      "It is a step of the engine's own flows and is never taken from outside."}},
    {ProblemType::InternalError,
     {"internal-error", 500, "The server failed", "The server's log says more."}},
    {ProblemType::NotImplemented,
     {"not-implemented", 501, "The transfer coding is not supported",
      "Send a Content-Length, or chunked alone."}},
    {ProblemType::NotOnThisLog,
     {"not-on-this-log", 501, "The server's log cannot do this",
      "The embedded log can. On a Kafka cluster the topic is the log, and its replicas are the "
      "copies."}},
    {ProblemType::Overloaded,
     {"overloaded", 503, "Too busy at the moment",
      "A queue is full, or more comes than can be done. Nothing was decided. Try again after "
      "Retry-After seconds, with the same Idempotency-Key."}},
    {ProblemType::ShuttingDown,
     {"shutting-down", 503, "The server is stopping",
      "Nothing was decided. Try again, with the same Idempotency-Key."}},
    {ProblemType::NotLeading,
     {"not-leading", 503, "No node leads the partition of this command just now",
      "Nothing was decided. Try again after Retry-After seconds, with the same Idempotency-Key."}},
    {ProblemType::UnknownOutcome,
     {"unknown-outcome", 503, "It is not known whether the command took effect",
      "The log failed while the command was on its way. Send it again with the same "
      "Idempotency-Key: the answer "
      "will be that of its one effect. Without a key, look before you repeat."}},
    {ProblemType::PositionTimeout,
     {"position-timeout", 503, "The read model is not there yet",
      "The min_position was not reached in time. Ask again after Retry-After seconds."}},
    {ProblemType::VersionNotSupported,
     {"version-not-supported", 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here", "Use HTTP/1.1."}},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    if (static_cast<std::size_t>(catalogue[i].type) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the catalogue is indexed by type");

bool says_try_again(ProblemType type) { return info_of(type).status == 503; }

}  // namespace

const ProblemInfo& info_of(ProblemType type) {
  return catalogue[static_cast<std::size_t>(type)].info;
}

const ProblemInfo* problem_info(std::string_view code) {
  for (const Row& row : catalogue) {
    if (row.info.code == code) return &row.info;
  }
  return nullptr;
}

ProblemType problem_of(engine::RejectionCode code) {
  using engine::RejectionCode;
  switch (code) {
    case RejectionCode::InvalidTransition:
      return ProblemType::InvalidTransition;
    case RejectionCode::NotFound:
      return ProblemType::NotFound;
    case RejectionCode::AlreadyExists:
      return ProblemType::AlreadyExists;
    case RejectionCode::InvalidArgument:
      return ProblemType::InvalidArgument;
    case RejectionCode::VersionConflict:
      return ProblemType::VersionConflict;
    case RejectionCode::Forbidden:
      return ProblemType::Forbidden;
    case RejectionCode::InsufficientStock:
      return ProblemType::InsufficientStock;
    case RejectionCode::CreditRefused:
      return ProblemType::CreditRefused;
    case RejectionCode::Duplicate:
      return ProblemType::Duplicate;
    case RejectionCode::CurrencyMismatch:
      return ProblemType::CurrencyMismatch;
    case RejectionCode::Overflow:
      return ProblemType::Overflow;
    case RejectionCode::LimitExceeded:
      return ProblemType::LimitExceeded;
    case RejectionCode::Expired:
      return ProblemType::Expired;
    case RejectionCode::EngineOnly:
      return ProblemType::EngineOnly;
  }
  ORDERLOG_ENSURE(false, "a rejection code without a problem");
}

void write_problem(std::string& out, const Problem& problem) {
  const ProblemInfo& info = info_of(problem.type);
  out += R"({"type":")";
  out += problem_type_prefix;
  out += info.code;
  out += R"(","title":)";
  codec::append_json_text(out, info.title);
  out += R"(,"status":)";
  codec::append_integer(out, info.status);
  if (!problem.detail.empty()) {
    out += R"(,"detail":)";
    codec::append_json_text(out, problem.detail);
  }
  if (!problem.instance.empty()) {
    out += R"(,"instance":)";
    codec::append_json_text(out, problem.instance);
  }
  if (!problem.errors.empty()) {
    out += R"(,"errors":[)";
    bool first = true;
    for (const ProblemError& entry : problem.errors) {
      if (!std::exchange(first, false)) out += ',';
      out += R"({"pointer":)";
      codec::append_json_text(out, entry.pointer);
      out += R"(,"detail":)";
      codec::append_json_text(out, entry.detail);
      if (!entry.code.empty()) {
        out += R"(,"code":)";
        codec::append_json_text(out, entry.code);
      }
      out += '}';
    }
    out += ']';
  }
  out += problem.members;
  out += '}';
}

void send_problem(const Responder& responder, const Problem& problem, std::string_view fields) {
  std::string body;
  write_problem(body, problem);
  std::string all_fields(fields);
  if (says_try_again(problem.type)) all_fields += "Retry-After: 1\r\n";
  responder.send(Reply{info_of(problem.type).status, problem_content_type, body, all_fields});
}

}  // namespace orderlog::http
