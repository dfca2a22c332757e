// The engine's answer to a command, as clients read it. Pure text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/problem.h"
#include "engine/runtime/answer.h"
#include "events/codec/json_reader.h"

namespace orderlog::http {

// The members of an accepted command's answer, without braces: "command_id":…,"aggregate":…,
// "aggregate_id":…,"version":…,"position":"p:seq","events":[{"type","seq","event_id"}…].
void write_accepted(std::string& out, const runtime::Answer& answer);

// 200, or the status of the problem.
int status_of(const runtime::Answer& answer);
// Of an answer that is not Accepted.
void write_refused(std::string& out, const runtime::Answer& answer, std::string_view instance);

// What is wrong with a body: 400 when it is no JSON, 404, 413, else 422.
ProblemType problem_type_of(const std::vector<codec::Problem>& problems);
void write_unreadable(std::string& out, const std::vector<codec::Problem>& problems,
                      std::string_view instance);

}  // namespace orderlog::http
