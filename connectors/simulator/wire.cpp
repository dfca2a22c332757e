#include "connectors/simulator/wire.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <functional>

namespace orderlog::simulator {

namespace json = boost::json;

namespace {

constexpr std::size_t latencies_max = 5'000'000;
constexpr std::uint32_t feed_wait_ms = 200;
constexpr int feed_patience_seconds = 60;

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Commands without an answer, over all connections: half of what a server decides in one turn
// (HttpLimits::commands_per_turn_max), so that others may send some, too.
constexpr std::size_t under_way_max = 128;

}  // namespace

Wire::Wire(const SimulatorOptions& options) : options_(options) {
  run_ = "sim-" + std::to_string(options.seed) + "-" + std::to_string(steady_us()) + "-";
}

Wire::~Wire() {
  {
    const std::lock_guard lock(feed_mutex_);
    closing_ = true;
  }
  if (feed_thread_.joinable()) feed_thread_.join();
}

Result<std::unique_ptr<Wire>> Wire::open(const SimulatorOptions& options) {
  std::unique_ptr<Wire> wire(new Wire(options));
  client::PipelineOptions pipeline;
  pipeline.connections = options.connections;
  pipeline.outstanding_max =
      std::max<std::size_t>(1, under_way_max / std::max<std::size_t>(1, options.connections));
  auto commands = client::PipelinedClient::open(options.server, pipeline);
  if (!commands) return commands.error();
  wire->client_ = std::move(commands).value();
  auto reader = client::HttpClient::open(options.server);
  if (!reader) return reader.error();
  wire->reader_ = std::move(reader).value();
  auto stream = client::EventStream::open(options.server, "/v1/stream");
  if (!stream) return error(ErrorCode::Unavailable, stream.error().message);
  wire->feed_thread_ =
      std::thread([self = wire.get(),
                   live = std::make_shared<client::EventStream>(std::move(*stream))]() mutable {
        std::string last = live->last_event_id();
        while (true) {
          {
            const std::lock_guard lock(self->feed_mutex_);
            if (self->closing_) return;
          }
          auto event = live->next(feed_wait_ms);
          if (!event) {  // dropped or closed: go on where it ended
            auto again = client::EventStream::open(self->options_.server, "/v1/stream", last);
            if (!again) {
              const std::lock_guard lock(self->feed_mutex_);
              self->feed_failed_ = again.error();
              self->feed_moved_.notify_all();
              return;
            }
            *live = std::move(*again);
            continue;
          }
          last = live->last_event_id();
          if (!*event) continue;
          boost::system::error_code malformed;
          auto value = json::parse((*event)->data, malformed);
          if (malformed || !value.is_object() || !value.get_object().contains("seq")) continue;
          auto& object = value.get_object();
          const auto partition = object.at("partition").to_number<std::uint64_t>();
          const auto seq = object.at("seq").to_number<std::uint64_t>();
          const std::lock_guard lock(self->feed_mutex_);
          auto& fed = self->fed_[partition];
          if (seq <= fed) continue;
          fed = seq;
          self->feed_.push_back(std::move(object));
          self->feed_moved_.notify_all();
        }
      });
  return wire;
}

void Wire::command(const char* name, const std::string& key, json::object body, const char* role,
                   bool may_be_refused) {
  body["occurred_at"] = timestamp_to_text(now_);
  const std::string text = json::serialize(body);
  client::RequestText request;
  request.method = "POST";
  const std::string target = std::string("/v1/commands/") + name;
  request.target = target;
  request.body = text;
  request.headers = {{"Idempotency-Key", run_ + std::to_string(++number_)},
                     {"X-Actor", std::string("sim-") + role},
                     {"X-Role", role}};
  const auto sent = steady_us();
  ++commands_;
  const auto status = client_->send_in_order(std::hash<std::string>{}(key), request,
                                             [this, name = std::string(name), may_be_refused,
                                              sent](const Result<client::Response>& response) {
                                               note_answer(name, may_be_refused, sent, response);
                                             });
  if (!status && !failed_) failed_ = status.error();
}

void Wire::note_answer(const std::string& name, bool may_be_refused, std::int64_t sent_us,
                       const Result<client::Response>& response) {
  if (!response) {
    if (!failed_) failed_ = response.error();
    return;
  }
  if (latencies_us_.size() < latencies_max)
    latencies_us_.push_back(static_cast<std::uint32_t>(steady_us() - sent_us));
  boost::system::error_code malformed;
  const auto value = json::parse(response->body, malformed);
  const auto* object = malformed ? nullptr : value.if_object();
  if (response->ok()) {
    const auto* position = object == nullptr ? nullptr : object->if_contains("position");
    if (position == nullptr || !position->is_string()) return;
    acknowledged_.note(position->get_string());
    return;
  }
  const auto* detail = object == nullptr ? nullptr : object->if_contains("detail");
  ++refusals_[name + ": " +
              (detail != nullptr && detail->is_string() ? std::string(detail->get_string())
                                                        : response->body)];
  if (!may_be_refused) ++unexpected_;
}

Status Wire::settle(const std::function<void(const json::object&)>& listener) {
  while (true) {
    client_->drain();
    if (failed_) return *failed_;
    std::deque<json::object> news;
    {
      std::unique_lock lock(feed_mutex_);
      const bool moved =
          feed_moved_.wait_for(lock, std::chrono::seconds(feed_patience_seconds), [this] {
            if (feed_failed_) return true;
            const auto& wanted = acknowledged_.by_partition();
            return std::all_of(wanted.begin(), wanted.end(),
                               [this](const auto& a) { return fed_[a.first] >= a.second; });
          });
      if (feed_failed_) return *feed_failed_;
      if (!moved) return error(ErrorCode::Unavailable, "the live feed stands still");
      // Several partitions: follow-ups reach the others a little later. Quiet for a moment means
      // done.
      if (fed_.size() > 1) {
        std::size_t seen = 0;
        do {
          seen = feed_.size();
          feed_moved_.wait_for(lock, std::chrono::milliseconds(feed_wait_ms),
                               [&] { return feed_.size() != seen; });
        } while (feed_.size() != seen);
      }
      news.swap(feed_);
    }
    const auto sent_before = commands_;
    for (const auto& event : news) listener(event);
    if (commands_ == sent_before) return Status();
  }
}

Result<std::string> Wire::text(const std::string& target) {
  auto response = reader_->get(target);
  if (!response) return response.error();
  if (!response->ok())
    return error(ErrorCode::Unavailable,
                 target + " answered " + std::to_string(response->status) + ": " + response->body);
  return response->body;
}

Result<std::vector<json::object>> Wire::report(const std::string& query) {
  std::vector<json::object> rows;
  const std::string position = acknowledged_.empty() ? "" : "&min_position=" + acknowledged_.text();
  const std::string base = "/v1/reports/" + query +
                           (query.find('?') == std::string::npos ? "?" : "&") + "limit=500" +
                           position;
  std::string cursor;
  do {
    auto page = text(base + (cursor.empty() ? "" : "&cursor=" + client::percent_encoded(cursor)));
    if (!page) return page.error();
    boost::system::error_code malformed;
    auto value = json::parse(*page, malformed);
    if (malformed || !value.is_object())
      return error(ErrorCode::Corrupt, query + ": the answer is not JSON");
    for (auto& row : value.at("data").as_array()) rows.push_back(std::move(row.as_object()));
    const auto& next = value.at("next_cursor");
    cursor = next.is_string() ? std::string(next.get_string()) : std::string();
  } while (!cursor.empty());
  return rows;
}

Result<std::uint64_t> Wire::total(const std::string& query) {
  auto page =
      text("/v1/reports/" + query + (query.find('?') == std::string::npos ? "?" : "&") + "limit=1");
  if (!page) return page.error();
  boost::system::error_code malformed;
  auto value = json::parse(*page, malformed);
  if (malformed || !value.is_object() || !value.get_object().contains("total"))
    return error(ErrorCode::Corrupt, query + ": no total");
  return value.at("total").to_number<std::uint64_t>();
}

std::uint64_t Wire::ack_us(double rank) {
  if (latencies_us_.empty()) return 0;
  const auto at = static_cast<std::size_t>(rank * static_cast<double>(latencies_us_.size() - 1));
  std::nth_element(latencies_us_.begin(), latencies_us_.begin() + static_cast<std::ptrdiff_t>(at),
                   latencies_us_.end());
  return latencies_us_[at];
}

}  // namespace orderlog::simulator
