// What an answer of the other node means. A problem of ours says that nothing was decided; whatever
// else is no list of answers may come from anybody in between, after the commands were decided.
#include "connectors/http/peer_link.h"

#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include "connectors/http/peer_codec.h"
#include "connectors/http/problem.h"

namespace orderlog::http {

namespace {

using runtime::Answer;
using runtime::Outcome;

// Of a command in a request beside its bytes: its table, its offset, its alignment.
constexpr std::size_t command_overhead_bytes = 64;
constexpr std::size_t request_overhead_bytes = 4'096;

// The problem that our own server answers with; nothing when it is none.
const ProblemInfo* problem_in(const client::Response& response) {
  if (response.header("content-type") != problem_content_type) return nullptr;
  const std::string_view body = response.body;
  const std::size_t at = body.find(problem_type_prefix);
  if (at == body.npos) return nullptr;
  const std::string_view code = body.substr(at + problem_type_prefix.size());
  return problem_info(code.substr(0, code.find('"')));
}

Outcome outcome_of(const ProblemInfo& problem) {
  const auto is = [&](ProblemType type) { return problem.code == info_of(type).code; };
  if (is(ProblemType::Overloaded)) return Outcome::Unavailable;
  return is(ProblemType::ShuttingDown) ? Outcome::Stopping : Outcome::NotLeading;
}

void settle(ForwardedCommand& command, Outcome outcome, std::string reason) {
  command.answer.outcome = outcome;
  command.answer.reason = std::move(reason);
}

// A refusal need not know the command's ids.
bool belongs_to(const Answer& answer, const Answer& asked) {
  return answer.command_id == asked.command_id ||
         (is_nil(answer.command_id) && answer.outcome != Outcome::Accepted);
}

void keep_ids(Answer& answer, const Answer& asked) {
  answer.command_id = asked.command_id;
  if (!answer.aggregate_id.empty()) return;
  answer.aggregate = asked.aggregate;
  answer.aggregate_id = asked.aggregate_id;
  answer.partition = asked.partition;
}

}  // namespace

PeerLink::PeerLink(std::string address, const PeerForwarderOptions& options, runtime::Loop& loop,
                   PeerCounters& counters)
    : address_(std::move(address)),
      options_(options),
      loop_(loop),
      counters_(counters),
      client_(client::HttpClient::open(address_,
                                       {options.connect_timeout_ms, options.request_timeout_ms})) {}

Result<std::unique_ptr<PeerLink>> PeerLink::start(std::string address,
                                                  const PeerForwarderOptions& options,
                                                  runtime::Loop& loop, PeerCounters& counters) {
  std::unique_ptr<PeerLink> link(new PeerLink(std::move(address), options, loop, counters));
  try {
    link->thread_ = std::thread([self = link.get()] { self->run(); });
  } catch (const std::system_error& failed) {
    return error(ErrorCode::Unavailable, std::string("no thread for it: ") + failed.what());
  }
  return link;
}

PeerLink::~PeerLink() { stop(); }

bool PeerLink::push(ForwardedCommand& command) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.queue_commands_max ||
        queue_bytes_ + command.bytes.size() > options_.queue_bytes_max) {
      return false;
    }
    queue_bytes_ += command.bytes.size();
    command.since = std::chrono::steady_clock::now();
    queue_.push_back(std::move(command));
    ++counters_.queued;
  }
  changed_.notify_one();
  return true;
}

bool PeerLink::idle() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty() && !busy_;
}

void PeerLink::interrupt() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (client_) client_->interrupt();
}

std::deque<ForwardedCommand> PeerLink::stop() {
  interrupt();
  if (thread_.joinable()) thread_.join();
  counters_.queued -= queue_.size();
  return std::exchange(queue_, {});
}

void PeerLink::run() {
  while (true) {
    Batch batch;
    Batch stale;
    {
      std::unique_lock lock(mutex_);
      busy_ = false;
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      busy_ = true;
      drop_stale(stale);
      take_batch(batch);
    }
    post(std::move(stale));
    if (batch.empty()) continue;
    const bool answers = exchange(batch);
    post(std::move(batch));
    if (answers) continue;
    Batch waiting;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      waiting.assign(std::make_move_iterator(queue_.begin()),
                     std::make_move_iterator(queue_.end()));
      queue_.clear();
      queue_bytes_ = 0;
    }
    fail_all(waiting, "does not answer");
    post(std::move(waiting));
  }
}

ForwardedCommand PeerLink::take_first() {
  ForwardedCommand first = std::move(queue_.front());
  queue_.pop_front();
  queue_bytes_ -= first.bytes.size();
  return first;
}

// The oldest are in front.
void PeerLink::drop_stale(Batch& stale) {
  const auto limit = std::chrono::milliseconds(options_.queue_wait_ms_max);
  const auto before = std::chrono::steady_clock::now() - limit;
  while (!queue_.empty() && queue_.front().since < before) {
    stale.push_back(take_first());
    settle(stale.back(), Outcome::Unavailable,
           "it waited too long for its leader " + address_ + "; nothing was decided");
  }
  counters_.failed += stale.size();
}

void PeerLink::take_batch(Batch& batch) {
  std::size_t bytes = request_overhead_bytes + options_.log.size();
  while (!queue_.empty() && batch.size() < peer_commands_max) {
    const std::size_t next = queue_.front().bytes.size() + command_overhead_bytes;
    if (!batch.empty() && bytes + next > peer_request_bytes_max) break;
    bytes += next;
    batch.push_back(take_first());
  }
}

bool PeerLink::exchange(Batch& batch) {
  if (!client_) {
    fail_all(batch, "has no usable address: " + client_.error().message);
    return false;
  }
  std::vector<CommandBytes> commands;
  commands.reserve(batch.size());
  for (const ForwardedCommand& command : batch) commands.emplace_back(command.bytes);
  write_peer_request(request_, options_.log, commands);
  const std::string_view body(reinterpret_cast<const char*>(request_.GetBufferPointer()),
                              request_.GetSize());
  // Every command carries its id, so the client may send them again on a new connection.
  const std::string id = to_string(batch.front().answer.command_id);
  ++counters_.requests;
  const auto response =
      client_->request({"POST", peer_path, body, peer_media_type, {{"Idempotency-Key", id}}});
  if (response) {
    take_answers(batch, *response);
    return true;
  }
  const Error& failed = response.error();
  const bool sent =
      failed.code != ErrorCode::Unavailable && failed.code != ErrorCode::InvalidArgument;
  if (sent) {
    unknown_all(batch, failed.message);
  } else {
    fail_all(batch, "cannot be reached: " + failed.message);
  }
  return sent && failed.code != ErrorCode::Timeout;
}

void PeerLink::take_answers(Batch& batch, const client::Response& response) {
  if (response.status != 200) {
    const ProblemInfo* problem = problem_in(response);
    if (problem == nullptr) {
      return unknown_all(batch, "it answered with status " + std::to_string(response.status));
    }
    counters_.failed += batch.size();
    for (ForwardedCommand& command : batch) {
      settle(command, outcome_of(*problem),
             address_ + " did not take it: " + std::string(problem->title));
    }
    return;
  }
  auto answers = read_peer_response(response.body);
  if (!answers) return unknown_all(batch, answers.error().message);
  if (answers->size() != batch.size()) return unknown_all(batch, "it answered to other commands");
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Result<Answer>& answer = (*answers)[i];
    if (!answer) {
      unknown(batch[i], answer.error().message);
    } else if (!belongs_to(*answer, batch[i].answer)) {
      unknown(batch[i], "it answered to another command");
    } else {
      ++counters_.forwarded;
      keep_ids(*answer, batch[i].answer);
      batch[i].answer = std::move(*answer);
    }
  }
}

void PeerLink::fail_all(Batch& batch, const std::string& why) {
  counters_.failed += batch.size();
  for (ForwardedCommand& command : batch) {
    settle(command, Outcome::NotLeading,
           "its leader " + address_ + " " + why + "; nothing was decided");
  }
}

void PeerLink::unknown(ForwardedCommand& command, const std::string& why) {
  ++counters_.unknown;
  settle(command, Outcome::Unknown,
         "it was sent to its leader " + address_ + ", and no usable answer came: " + why);
}

void PeerLink::unknown_all(Batch& batch, const std::string& why) {
  for (ForwardedCommand& command : batch) unknown(command, why);
}

void PeerLink::post(Batch batch) {
  if (batch.empty()) return;
  counters_.queued -= batch.size();
  auto answered = std::make_shared<Batch>(std::move(batch));
  loop_.post([answered] {
    for (const ForwardedCommand& command : *answered) command.done(command.answer);
  });
}

}  // namespace orderlog::http
