#include "bench/load.h"

#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/histogram.h"
#include "bench/order_mix.h"
#include "connectors/client/pipelined_client.h"

namespace orderlog::bench {
namespace {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::duration;
using std::chrono::microseconds;

// Fewer than the server lets wait (http.query_waiting_max).
constexpr std::size_t stale_connections = 200;
constexpr microseconds wait_max = std::chrono::milliseconds(100);

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

Time now() { return std::chrono::steady_clock::now(); }

std::uint64_t us_since(Time begin, Time end) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(end - begin).count());
}

std::unique_ptr<client::PipelinedClient> open_client(const std::string& server,
                                                     std::size_t connections,
                                                     std::size_t outstanding_max) {
  client::PipelineOptions options;
  options.connections = connections;
  options.outstanding_max = outstanding_max;
  auto opened = client::PipelinedClient::open(server, options);
  if (!opened) fail("no server: " + opened.error().message);
  return std::move(opened).value();
}

// How long after its acknowledgement an order can be read. Each sample waits on a connection of
// its own, so that one that takes long keeps no other back.
class StaleSamples {
 public:
  StaleSamples(const std::string& server, int per_second)
      : client_(open_client(server, stale_connections, 1)),
        interval_(duration<double>(1.0 / per_second)),
        thread_([this] { run(); }) {}
  ~StaleSamples() { finish(); }

  // The last order that was acknowledged; any thread.
  void note(std::int64_t order, std::string position, Time at) {
    const std::lock_guard lock(mutex_);
    latest_ = {order, std::move(position), at};
  }
  void finish() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  const Histogram& taken_us() const { return taken_us_; }
  std::uint64_t unanswered() const { return unanswered_; }

 private:
  struct Order {
    std::int64_t number;
    std::string position;
    Time acknowledged;
  };
  void run() {
    Time next = now();
    while (!stopping_) {
      next += std::chrono::duration_cast<Time::duration>(interval_);
      std::optional<Order> order;
      {
        const std::lock_guard lock(mutex_);
        order.swap(latest_);
      }
      if (order) read_back(*order);
      while (now() < next && !stopping_) {
        const auto left = std::chrono::duration_cast<microseconds>(next - now());
        if (client_->outstanding() > 0) {
          client_->serve(std::max(left, microseconds(1)));
        } else {
          std::this_thread::sleep_until(next);
        }
      }
    }
    client_->drain();
  }
  void read_back(const Order& order) {
    const std::string target =
        "/v1/orders/B-" + std::to_string(order.number) + "?min_position=" + order.position;
    client::RequestText request;
    request.target = target;
    const auto sent = client_->send(
        request, [this, at = order.acknowledged](const Result<client::Response>& response) {
          if (!response.ok() || !response->ok()) ++unanswered_;
          taken_us_.record(us_since(at, now()));
        });
    if (!sent) ++unanswered_;
  }

  std::unique_ptr<client::PipelinedClient> client_;
  const duration<double> interval_;
  std::mutex mutex_;
  std::optional<Order> latest_;
  Histogram taken_us_;
  std::uint64_t unanswered_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

std::size_t occurrences(std::string_view text, std::string_view of) {
  std::size_t count = 0;
  for (std::size_t at = text.find(of); at != text.npos; at = text.find(of, at + of.size())) ++count;
  return count;
}

std::string position_of(std::string_view body) {
  constexpr std::string_view name = R"("position":")";
  const std::size_t at = body.find(name);
  if (at == body.npos) fail("an answer without a position");
  const std::size_t begin = at + name.size();
  return std::string(body.substr(begin, body.find('"', begin) - begin));
}

class Load {
 public:
  explicit Load(const LoadOptions& options)
      : options_(options),
        client_(open_client(options.server, options.connections, options.outstanding_max)),
        requests_(options.orders / static_cast<std::int64_t>(options.batch)),
        outstanding_max_(options.connections * options.outstanding_max) {
    if (options.stale_samples_per_second > 0)
      stale_.emplace(options.server, options.stale_samples_per_second);
  }
  void run();
  void print();

 private:
  bool open_loop() const { return options_.rate > 0; }
  Time due(std::int64_t request) const {
    if (!open_loop()) return begin_;
    const double seconds =
        static_cast<double>(request) * static_cast<double>(options_.batch) / options_.rate;
    return begin_ + std::chrono::duration_cast<Time::duration>(duration<double>(seconds));
  }
  void open_connections();
  void send(std::int64_t number);
  void cancel(std::int64_t order);
  void write_body(std::int64_t number);
  void answered(std::int64_t number, Time intended, const Result<client::Response>& response);
  void wait_for(Time next);

  const LoadOptions options_;
  const std::unique_ptr<client::PipelinedClient> client_;
  const std::int64_t requests_;
  const std::size_t outstanding_max_;
  std::optional<StaleSamples> stale_;
  std::string body_;
  Time begin_;
  Time sending_until_;
  Time last_answer_;
  bool gone_ = false;
  std::uint64_t sent_ = 0, accepted_ = 0, accepted_in_time_ = 0, refused_ = 0, unknown_ = 0,
                cancelled_ = 0;
  Histogram taken_us_;  // of accepted orders
  Histogram late_us_;   // from the time that a request was to be sent until it was
};

void Load::write_body(std::int64_t number) {
  const std::int64_t first = options_.first + number * static_cast<std::int64_t>(options_.batch);
  if (options_.batch == 1) {
    body_ = order_body(mixed_order(first, options_.skus));
    return;
  }
  body_.clear();
  for (std::size_t i = 0; i < options_.batch; ++i) {
    const auto order = mixed_order(first + static_cast<std::int64_t>(i), options_.skus);
    body_ += R"({"command":"PlaceOrder",)";
    body_.append(order_body(order), 1);
    body_ += '\n';
  }
}

void Load::send(std::int64_t number) {
  write_body(number);
  client::RequestText request;
  request.method = "POST";
  request.body = body_;
  request.target = options_.batch == 1 ? "/v1/commands/PlaceOrder" : "/v1/commands";
  if (options_.batch > 1) request.content_type = "application/x-ndjson";
  const Time at = now();
  const Time intended = open_loop() ? due(number) : at;
  const auto status =
      client_->send(request, [this, number, intended](const Result<client::Response>& response) {
        answered(number, intended, response);
      });
  if (!status && !options_.kill) fail("the server is gone: " + status.error().message);
  if (!status) {
    gone_ = true;
    return;
  }
  late_us_.record(us_since(intended, at));
  sent_ += options_.batch;
  const std::int64_t old = options_.first + number - options_.open_orders;
  if (options_.open_orders > 0 && old >= options_.open_from) cancel(old);
}

void Load::cancel(std::int64_t order) {
  body_ = R"({"order_id":"B-)" + std::to_string(order) + R"(","reason":"no longer wanted"})";
  client::RequestText request;
  request.method = "POST";
  request.body = body_;
  request.target = "/v1/commands/CancelOrder";
  const auto status = client_->send(request, [this](const Result<client::Response>& response) {
    if (!response.ok() || !response->ok())
      fail("an order was not cancelled: " +
           (response.ok() ? response->body.substr(0, 500) : response.error().message));
    ++cancelled_;
  });
  if (!status) fail("the server is gone: " + status.error().message);
}

void Load::answered(std::int64_t number, Time intended, const Result<client::Response>& response) {
  const Time at = now();
  const std::size_t batch = options_.batch;
  if (!response.ok()) {
    if (!options_.kill) fail("no answer: " + response.error().message);
    gone_ = true;
    unknown_ += batch;
    return;
  }
  std::size_t accepted = response->ok() ? 1 : 0;
  std::size_t refused = response->status == 503 ? batch : 0;
  if (batch > 1 && response->ok()) {
    accepted = occurrences(response->body, R"("status":200)");
    refused = occurrences(response->body, R"("status":503)");
  }
  if (accepted + refused != batch || (refused > 0 && !options_.refusals))
    fail("an order was refused: " + response->body.substr(0, 500));
  refused_ += refused;
  if (accepted == 0) return;
  accepted_ += accepted;
  if (at <= sending_until_) accepted_in_time_ += accepted;
  last_answer_ = at;
  taken_us_.record(us_since(intended, at));
  if (stale_) stale_->note(options_.first + number, position_of(response->body), at);
}

void Load::wait_for(Time next) {
  const auto left = std::chrono::duration_cast<microseconds>(next - now());
  if (client_->outstanding() > 0) {
    client_->serve(std::clamp(left, microseconds(0), wait_max));
  } else {
    std::this_thread::sleep_until(next);
  }
}

// They are opened by their first requests, which none of the orders should wait for.
void Load::open_connections() {
  client::RequestText request;
  request.target = "/livez";
  for (std::size_t i = 0; i < options_.connections; ++i) {
    const auto sent = client_->send(request, [](const Result<client::Response>& response) {
      if (!response.ok()) fail("no server: " + response.error().message);
    });
    if (!sent) fail("no server: " + sent.error().message);
  }
  client_->drain();
}

void Load::run() {
  open_connections();
  begin_ = last_answer_ = now();
  sending_until_ = open_loop() ? due(requests_) : Time::max();
  for (std::int64_t next = 0; next < requests_ && !gone_;) {
    while (next < requests_ && !gone_ && due(next) <= now() &&
           client_->outstanding() < outstanding_max_)
      send(next++);
    const bool full = client_->outstanding() >= outstanding_max_;
    wait_for(full || next == requests_ ? now() + wait_max : due(next));
  }
  client_->drain();
  if (stale_) stale_->finish();
}

void Load::print() {
  const bool in_time = open_loop() && !gone_;
  const double seconds =
      duration<double>((in_time ? sending_until_ : last_answer_) - begin_).count();
  const double accepted = static_cast<double>(in_time ? accepted_in_time_ : accepted_);
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      R"({"sent":%llu,"accepted":%llu,"refused":%llu,"unknown":%llu,"cancelled":%llu,"seconds":%.3f,"per_second":%.1f,)"
      R"("ack_p50_us":%llu,"ack_p99_us":%llu,"ack_p999_us":%llu,"ack_max_us":%llu,"late_p99_us":%llu)",
      number(sent_), number(accepted_), number(refused_), number(unknown_), number(cancelled_),
      seconds, seconds > 0 ? accepted / seconds : 0.0, number(taken_us_.at(0.5)),
      number(taken_us_.at(0.99)), number(taken_us_.at(0.999)), number(taken_us_.greatest()),
      number(late_us_.at(0.99)));
  if (stale_) {
    const Histogram& stale = stale_->taken_us();
    std::printf(
        R"(,"stale_samples":%llu,"stale_unanswered":%llu,"stale_p50_us":%llu,"stale_p99_us":%llu,"stale_max_us":%llu)",
        number(stale.count()), number(stale_->unanswered()), number(stale.at(0.5)),
        number(stale.at(0.99)), number(stale.greatest()));
  }
  std::printf("}\n");
}

}  // namespace

LoadOptions parse_load(const std::string& server, int count, const char* const* words) {
  LoadOptions options;
  options.server = server;
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t at = word.find('=');
    if (at == word.npos) fail(word + ": name=value is wanted");
    const std::string name = word.substr(0, at);
    const double value = std::stod(word.substr(at + 1));
    if (name == "connections") {
      options.connections = static_cast<std::size_t>(value);
    } else if (name == "outstanding") {
      options.outstanding_max = static_cast<std::size_t>(value);
    } else if (name == "orders") {
      options.orders = static_cast<std::int64_t>(value);
    } else if (name == "rate") {
      options.rate = value;
    } else if (name == "batch") {
      options.batch = static_cast<std::size_t>(value);
    } else if (name == "skus") {
      options.skus = static_cast<int>(value);
    } else if (name == "first") {
      options.first = static_cast<std::int64_t>(value);
    } else if (name == "open") {
      options.open_orders = static_cast<std::int64_t>(value);
    } else if (name == "open_from") {
      options.open_from = static_cast<std::int64_t>(value);
    } else if (name == "refusals") {
      options.refusals = value != 0;
    } else if (name == "kill") {
      options.kill = value != 0;
    } else if (name == "stale") {
      options.stale_samples_per_second = static_cast<int>(value);
    } else {
      fail("no such option of a load: " + name);
    }
  }
  if (options.stale_samples_per_second > 0 && options.batch > 1)
    fail("staleness is sampled of single orders");
  if (options.open_orders > 0 && options.batch > 1) fail("single orders are cancelled");
  return options;
}

void load(const LoadOptions& options) {
  prctl(PR_SET_TIMERSLACK, 1'000UL);  // ns: orders are sent when they are due
  Load one(options);
  one.run();
  one.print();
}

}  // namespace orderlog::bench
