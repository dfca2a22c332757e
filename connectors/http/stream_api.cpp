// The loop knows the clients, the feed's thread knows what they want; they talk by messages.
#include "connectors/http/stream_api.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "connectors/http/event_loop.h"
#include "connectors/http/positions.h"
#include "connectors/http/problem.h"
#include "connectors/http/router.h"
#include "connectors/http/stream_source.h"

namespace orderlog::http {

namespace {

using std::chrono::steady_clock;

// Texts on their way to the loop; more would only wait there.
constexpr std::size_t texts_under_way_max = 16;

struct Joining {
  StreamId id;
  StreamChoice choice;
  std::vector<projections::Position> after;
};

}  // namespace

class StreamApi::Impl : public StreamSink, public std::enable_shared_from_this<StreamApi::Impl> {
 public:
  Impl(log::LogReader& log, projections::Runner& runner, EventLoop& loop, const HttpLimits& limits)
      : log_(log), loop_(loop), limits_(limits) {
    source_.emplace(runner, log, *this, limits.stream_catch_up_bytes, [this] { wake(); });
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop();

  void open(const Request& request, const Responder& responder);
  StreamStats stats() const;

  void write(std::vector<StreamId> streams, std::string text, bool wait_for_drain) override;
  void end(StreamId stream) override;

 private:
  struct Client {
    StreamWriter writer;
    bool awaiting_drain = false;
  };

  void run();
  void wake();
  void deliver(const std::vector<StreamId>& streams, const std::string& text, bool wait_for_drain);
  Result<Joining> read_request(const Request& request) const;

  log::LogReader& log_;
  EventLoop& loop_;
  const HttpLimits limits_;

  // The loop's thread.
  std::unordered_map<StreamId, Client> clients_;
  StreamId next_id_ = 1;

  // Shared.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::size_t texts_under_way_ = 0;
  std::vector<Joining> joining_;
  std::vector<StreamId> leaving_;
  std::vector<StreamId> drained_;
  std::atomic<std::uint64_t> streams_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> catching_up_{0};
  std::atomic<std::uint64_t> events_written_{0};

  // The feed's thread.
  std::optional<StreamSource> source_;
  std::thread thread_;
};

// ---- the loop's thread
// ----------------------------------------------------------------------------

Result<Joining> StreamApi::Impl::read_request(const Request& request) const {
  auto params = QueryParams::parse(request.query);
  if (!params) return params.error();
  auto choice = read_stream_choice(*params);
  if (!choice) return choice.error();
  Joining joining{0, std::move(*choice), {}};
  std::string after(request.header("Last-Event-ID").value_or(""));
  if (after.empty() && params->find("after") != nullptr) after = *params->find("after");
  if (after.empty()) return joining;
  if (after == "start") {
    for (std::uint32_t p = 0; p < log_.partition_count(); ++p) {
      joining.after.push_back({PartitionId(p), Sequence(0)});
    }
    return joining;
  }
  auto positions = parse_positions(after, log_.partition_count());
  if (!positions) return positions.error();
  for (const projections::Position& position : *positions) {
    if (position.seq > log_.durable_end(position.partition).last_seq) {
      return error(ErrorCode::InvalidArgument, "the log does not reach to " + quote_input(after));
    }
  }
  joining.after = std::move(*positions);
  return joining;
}

void StreamApi::Impl::open(const Request& request, const Responder& responder) {
  Problem problem;
  problem.instance = request.path;
  auto joining = read_request(request);
  if (!joining) {
    problem.type = ProblemType::InvalidParameter;
    problem.detail = joining.error().message;
    return send_problem(responder, problem);
  }
  if (clients_.size() >= limits_.streams_max) {
    ++refused_;
    problem.type = ProblemType::Overloaded;
    problem.detail = "there are too many live feeds";
    return send_problem(responder, problem);
  }
  constexpr std::string_view fields = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
  const Reply head{200, "text/event-stream", {}, fields};
  if (request.method == Method::Head) return responder.send(head);

  const StreamId id = next_id_++;
  joining->id = id;
  StreamEvents events;
  events.closed = [this, self = shared_from_this(), id] {
    clients_.erase(id);
    streams_ = clients_.size();
    const std::lock_guard lock(mutex_);
    leaving_.push_back(id);
    woken_ = true;
    wake_.notify_one();
  };
  events.drained = [this, self = shared_from_this(), id] {
    const auto client = clients_.find(id);
    if (client == clients_.end() || !client->second.awaiting_drain) return;
    client->second.awaiting_drain = false;
    const std::lock_guard lock(mutex_);
    drained_.push_back(id);
    woken_ = true;
    wake_.notify_one();
  };
  StreamWriter writer = responder.open_stream(head, std::move(events));
  clients_.emplace(id, Client{writer});
  streams_ = clients_.size();
  writer.write("retry: " + std::to_string(limits_.stream_retry_ms) + "\n\n");
  const std::lock_guard lock(mutex_);
  joining_.push_back(std::move(*joining));
  woken_ = true;
  wake_.notify_one();
}

void StreamApi::Impl::deliver(const std::vector<StreamId>& streams, const std::string& text,
                              bool wait_for_drain) {
  for (const StreamId id : streams) {
    const auto client = clients_.find(id);
    if (client == clients_.end()) continue;
    client->second.awaiting_drain |= wait_for_drain;
    StreamWriter writer = client->second.writer;  // a dropped client erases itself
    writer.write(text);
  }
}

// ---- the feed's thread
// ----------------------------------------------------------------------------

void StreamApi::Impl::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_one();
}

void StreamApi::Impl::write(std::vector<StreamId> streams, std::string text, bool wait_for_drain) {
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || texts_under_way_ < texts_under_way_max; });
    if (stopping_) return;
    ++texts_under_way_;
  }
  loop_.post([self = shared_from_this(), streams = std::move(streams), text = std::move(text),
              wait_for_drain] {
    self->deliver(streams, text, wait_for_drain);
    const std::lock_guard lock(self->mutex_);
    --self->texts_under_way_;
    self->wake_.notify_one();
  });
}

void StreamApi::Impl::end(StreamId stream) {
  loop_.post([self = shared_from_this(), stream] {
    const auto client = self->clients_.find(stream);
    if (client == self->clients_.end()) return;
    StreamWriter writer = std::move(client->second.writer);
    self->clients_.erase(client);
    self->streams_ = self->clients_.size();
    writer.close();
  });
}

void StreamApi::Impl::run() {
  const auto beat = std::chrono::seconds(limits_.stream_heartbeat_seconds);
  auto next_beat = steady_clock::now() + beat;
  bool again = false;
  while (true) {
    std::vector<Joining> joining;
    std::vector<StreamId> leaving;
    std::vector<StreamId> drained;
    {
      std::unique_lock lock(mutex_);
      if (!again) wake_.wait_until(lock, next_beat, [this] { return stopping_ || woken_; });
      if (stopping_) return;
      woken_ = false;
      joining.swap(joining_);
      leaving.swap(leaving_);
      drained.swap(drained_);
    }
    for (Joining& stream : joining) {
      source_->attach(stream.id, std::move(stream.choice), std::move(stream.after));
    }
    for (const StreamId id : leaving) source_->detach(id);
    for (const StreamId id : drained) source_->ready(id);
    again = source_->step();
    if (steady_clock::now() >= next_beat) {
      source_->heartbeat();
      next_beat = steady_clock::now() + beat;
    }
    catching_up_ = source_->catching_up();
    events_written_ = source_->events_written();
  }
}

void StreamApi::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  // Open connections may keep this object: the runner and the log need not outlive those.
  source_.reset();
}

StreamStats StreamApi::Impl::stats() const {
  return {streams_, refused_, catching_up_, events_written_};
}

StreamApi::StreamApi(log::LogReader& log, projections::Runner& runner, EventLoop& loop,
                     const HttpLimits& limits)
    : impl_(std::make_shared<Impl>(log, runner, loop, limits)) {
  impl_->start();
}
StreamApi::~StreamApi() { impl_->stop(); }

void StreamApi::add_routes(Router& router) {
  router.add(Method::Get, "/v1/stream",
             [impl = impl_.get()](const Request& request, const Responder& responder) {
               impl->open(request, responder);
             });
}

StreamStats StreamApi::stats() const { return impl_->stats(); }

}  // namespace orderlog::http
