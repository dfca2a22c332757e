// Rows of a batch, one result line each: {"index":0,"status":200,…} or with "problem":{…}.
#include "connectors/http/command_batch.h"

#include "connectors/http/answer_json.h"
#include "connectors/http/batch_line.h"
#include "connectors/http/event_loop.h"
#include "events/codec/json_writer.h"

namespace orderlog::http {

namespace {

void begin_result(std::string& out, std::size_t row, int status) {
  out += R"({"index":)";
  codec::append_unsigned(out, row);
  out += R"(,"status":)";
  codec::append_integer(out, status);
}

std::vector<codec::Problem> one_problem(std::string pointer, std::string detail,
                                        codec::ProblemCode code) {
  std::vector<codec::Problem> problems;
  problems.push_back({std::move(pointer), std::move(detail), code});
  return problems;
}

}  // namespace

CommandBatch::CommandBatch(CommandSubmitter& submitter, EventLoop& loop, std::size_t rows_per_turn,
                           std::string body, CommandHeaders headers, std::string actor,
                           Responder responder, std::function<void()> finished)
    : submitter_(submitter),
      loop_(loop),
      rows_per_turn_(rows_per_turn),
      body_(std::move(body)),
      actor_(std::move(actor)),
      headers_(std::move(headers)),
      responder_(std::move(responder)),
      finished_(std::move(finished)) {
  headers_.actor = actor_;
  for (std::string_view rest = body_; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") != line.npos) rows_.push_back(line);
  }
  results_.resize(rows_.size());
  open_ = rows_.size();
}

void CommandBatch::turn() {
  const std::size_t until = std::min(rows_.size(), next_ + rows_per_turn_);
  while (next_ < until) submit(next_++);
  if (next_ < rows_.size()) loop_.post([self = shared_from_this()] { self->turn(); });
}

void CommandBatch::submit(std::size_t row) {
  auto line = read_batch_line(rows_[row]);
  if (!line) {
    return refuse(row, one_problem("", line.error().message, codec::ProblemCode::Malformed));
  }
  std::string key;
  if (line->idempotency_key) {
    if (const Status usable = check_idempotency_key(*line->idempotency_key); !usable) {
      return refuse(row, one_problem("/idempotency_key", usable.error().message,
                                     codec::ProblemCode::OutOfRange));
    }
    key = std::move(*line->idempotency_key);
  } else if (headers_.idempotency_key) {
    // A key for the whole batch stands for a key for each row.
    key = *headers_.idempotency_key + "#" + std::to_string(row);
  }
  const auto problems =
      submitter_.submit(line->command, line->body, headers_, key,
                        [self = shared_from_this(), row](const runtime::Answer& answer) {
                          self->answered(row, answer);
                        });
  if (!problems.empty()) refuse(row, problems);
}

void CommandBatch::answered(std::size_t row, const runtime::Answer& answer) {
  std::string& out = results_[row];
  begin_result(out, row, status_of(answer));
  if (answer.outcome == runtime::Outcome::Accepted) {
    if (answer.replayed) out += R"(,"replayed":true)";
    out += ',';
    write_accepted(out, answer);
  } else {
    out += R"(,"problem":)";
    write_refused(out, answer, {});
  }
  out += "}\n";
  row_done();
}

void CommandBatch::refuse(std::size_t row, const std::vector<codec::Problem>& problems) {
  std::string& out = results_[row];
  begin_result(out, row, info_of(problem_type_of(problems)).status);
  out += R"(,"problem":)";
  write_unreadable(out, problems, {});
  out += "}\n";
  row_done();
}

void CommandBatch::row_done() {
  if (--open_ > 0) return;
  std::string out;
  for (const std::string& result : results_) out += result;
  responder_.send(Reply{200, "application/x-ndjson", out, {}});
  finished_();
}

}  // namespace orderlog::http
