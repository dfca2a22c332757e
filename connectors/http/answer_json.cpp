// Answers and refusals → JSON.
#include "connectors/http/answer_json.h"

#include <algorithm>
#include <utility>

#include "engine/decision.h"
#include "events/base/ensure.h"
#include "events/codec/json_writer.h"

namespace orderlog::http {

namespace {

ProblemType problem_of(const runtime::Answer& answer) {
  switch (answer.outcome) {
    case runtime::Outcome::Rejected:
      return http::problem_of(answer.rejection->code);
    case runtime::Outcome::KeyReused:
      return ProblemType::IdempotencyKeyReused;
    case runtime::Outcome::Unavailable:
      return ProblemType::Overloaded;
    case runtime::Outcome::Stopping:
      return ProblemType::ShuttingDown;
    case runtime::Outcome::NotLeading:
      return ProblemType::NotLeading;
    case runtime::Outcome::Unknown:
      return ProblemType::UnknownOutcome;
    case runtime::Outcome::Accepted:
      break;
  }
  ORDERLOG_ENSURE(false, "an accepted command is no problem");
}

void append_id(std::string& out, std::string_view name, const Uuid& id) {
  out += '"';
  out += name;
  out += "\":\"";
  out += to_string(id);
  out += '"';
}

std::string_view snake_case(codec::ProblemCode code) {
  switch (code) {
    case codec::ProblemCode::UnknownCommand:
      return "unknown_command";
    case codec::ProblemCode::UnknownField:
      return "unknown_field";
    case codec::ProblemCode::WrongType:
      return "wrong_type";
    case codec::ProblemCode::MissingField:
      return "missing_field";
    case codec::ProblemCode::OutOfRange:
      return "out_of_range";
    case codec::ProblemCode::Duplicate:
      return "duplicate";
    case codec::ProblemCode::Malformed:
      return "malformed";
    case codec::ProblemCode::TooDeep:
      return "too_deep";
    case codec::ProblemCode::TooLarge:
      return "too_large";
  }
  return "invalid";
}

}  // namespace

void write_accepted(std::string& out, const runtime::Answer& answer) {
  append_id(out, "command_id", answer.command_id);
  out += R"(,"aggregate":)";
  codec::append_json_text(out, answer.aggregate);
  out += R"(,"aggregate_id":)";
  codec::append_json_text(out, answer.aggregate_id);
  out += R"(,"version":)";
  codec::append_unsigned(out, answer.version);
  out += R"(,"position":")";
  codec::append_unsigned(out, answer.partition.value);
  out += ':';
  codec::append_unsigned(out, answer.position.value);
  out += R"(","events":[)";
  bool first = true;
  for (const runtime::AnsweredEvent& event : answer.events) {
    if (!std::exchange(first, false)) out += ',';
    out += R"({"type":)";
    codec::append_json_text(out, event.type);
    out += R"(,"seq":)";
    codec::append_unsigned(out, event.seq.value);
    out += ',';
    append_id(out, "event_id", event.event_id);
    out += '}';
  }
  out += ']';
}

int status_of(const runtime::Answer& answer) {
  if (answer.outcome == runtime::Outcome::Accepted) return 200;
  return info_of(problem_of(answer)).status;
}

void write_refused(std::string& out, const runtime::Answer& answer, std::string_view instance) {
  Problem problem;
  problem.type = problem_of(answer);
  problem.detail = answer.rejection ? std::string_view(answer.rejection->detail) : answer.reason;
  problem.instance = instance;
  ProblemError entry;
  if (answer.rejection && !answer.rejection->pointer.empty()) {
    entry.pointer = answer.rejection->pointer;
    entry.detail = answer.rejection->detail;
    problem.errors = std::span(&entry, 1);
  }
  std::string members = ",";
  append_id(members, "command_id", answer.command_id);
  if (answer.current_version) {
    members += R"(,"current_version":)";
    codec::append_unsigned(members, *answer.current_version);
  }
  problem.members = members;
  write_problem(out, problem);
}

ProblemType problem_type_of(const std::vector<codec::Problem>& problems) {
  const auto any = [&](codec::ProblemCode code) {
    return std::any_of(problems.begin(), problems.end(),
                       [code](const codec::Problem& problem) { return problem.code == code; });
  };
  if (any(codec::ProblemCode::UnknownCommand)) return ProblemType::UnknownCommand;
  if (any(codec::ProblemCode::TooLarge)) return ProblemType::BodyTooLarge;
  if (any(codec::ProblemCode::Malformed) || any(codec::ProblemCode::TooDeep)) {
    return ProblemType::MalformedJson;
  }
  return ProblemType::InvalidCommand;
}

void write_unreadable(std::string& out, const std::vector<codec::Problem>& problems,
                      std::string_view instance) {
  std::vector<ProblemError> errors;
  for (const codec::Problem& problem : problems) {
    errors.push_back({problem.pointer, problem.detail, snake_case(problem.code)});
  }
  Problem problem;
  problem.type = problem_type_of(problems);
  problem.detail = problems.front().detail;
  problem.instance = instance;
  problem.errors = errors;
  write_problem(out, problem);
}

}  // namespace orderlog::http
