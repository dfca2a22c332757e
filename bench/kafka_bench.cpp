// The log on a Kafka cluster, beside what librdkafka does there without it; and the way of a
// command through the whole engine.
#include <librdkafka/rdkafka.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "bench/benchmarks.h"
#include "bench/histogram.h"
#include "bench/order_events.h"
#include "bench/order_mix.h"
#include "bench/probe.h"
#include "events/log/commit_writer.h"
#include "events/log/kafka/records.h"
#include "events/log/kafka/topic_reader.h"
#include "events/log/kafka/topics.h"
#include "ops/cluster.h"

namespace orderlog::bench {
namespace {

namespace fs = std::filesystem;
using log::CommitView;
using log::kafka::Client;

constexpr std::size_t events_per_commit = 1'024;
constexpr std::size_t queued_commits_max = 16;
constexpr std::uint32_t timeout_ms = 30'000;
constexpr int pairs_of_a_run = 5;
const PartitionId partition(0);

template <class Outcome>
auto must(Outcome outcome, const std::string& what) {
  if (!outcome) {
    std::fprintf(stderr, "bench: %s: %s\n", what.c_str(), outcome.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_same_v<Outcome, Status>) return std::move(outcome).value();
}

// Made once and counted where it is used: a commit and the memory that its frame is in.
struct Sealed {
  std::vector<std::uint64_t> memory;
  log::SealedCommit commit;
};

std::vector<Sealed> seal(const std::vector<std::vector<std::uint8_t>>& events,
                         std::size_t events_per, std::size_t commits, const log::Claim& claim,
                         log::LogEnd& end) {
  std::vector<Sealed> all(commits);
  log::CommitWriter writer;
  std::size_t next = 0;
  for (Sealed& one : all) {
    writer.reset();
    for (std::size_t i = 0; i < events_per; ++i) {
      (void)writer.append_event(events[next++ % events.size()]);
    }
    one.commit = must(writer.seal(partition, end, claim.term, 1), "sealing");
    const auto frame = one.commit.frame;
    one.memory.resize((frame.size() + 7) / 8);
    std::memcpy(one.memory.data(), frame.data(), frame.size());
    one.commit.frame = {reinterpret_cast<const std::uint8_t*>(one.memory.data()), frame.size()};
    end = must(CommitView::parse(one.commit.frame), "parsing").end();
  }
  return all;
}

// The log as `orderlog serve` opens it with that file, in a directory of its own.
class OurLog {
 public:
  OurLog(const ops::Configuration& configuration, const std::string& directory) {
    auto options = ops::cluster_log_options(configuration, directory);
    options.transaction_bytes_max = 1;  // a transaction for each commit
    log_ = must(log::open_kafka_log(std::move(options)), "opening the log");
    claim_ = must(log_->claim(partition), "claiming");
    end_ = claim_.end;
  }
  std::vector<Sealed> seal(const std::vector<std::vector<std::uint8_t>>& events,
                           std::size_t events_per, std::size_t commits) {
    return bench::seal(events, events_per, commits, claim_, end_);
  }
  // Seconds until all are acknowledged, never more than `waiting_max` on their way; of each, µs.
  double append(const std::vector<Sealed>& commits, std::size_t waiting_max,
                Histogram* taken = nullptr) {
    const double begin = seconds_now();
    for (const Sealed& one : commits) {
      await(waiting_max - 1);
      ++waiting_;
      const double sent = seconds_now();
      must(log_->append(std::span(&one.commit, 1),
                        [this, sent, taken](const Status& status) {
                          must(status, "an append");
                          const std::lock_guard lock(mutex_);
                          if (taken) {
                            taken->record(static_cast<std::uint64_t>((seconds_now() - sent) * 1e6));
                          }
                          --waiting_;
                          answered_.notify_one();
                        }),
           "an append");
    }
    await(0);
    return seconds_now() - begin;
  }
  log::LogStats stats() const { return log_->stats(); }

 private:
  void await(std::size_t most) {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [&] { return waiting_ <= most; });
  }
  std::unique_ptr<log::KafkaLog> log_;
  log::Claim claim_;
  log::LogEnd end_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::atomic<std::size_t> waiting_ = 0;
};

// The same records as the log would write, with their headers made beforehand.
struct PlainRecord {
  std::string key;
  log::Bytes value;
  rd_kafka_headers_t* headers = nullptr;
};

void add_header(rd_kafka_headers_t* to, std::string_view name, std::string_view text) {
  (void)rd_kafka_header_add(to, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                            static_cast<ssize_t>(text.size()));
}

struct PlainRecords {
  std::vector<PlainRecord> records;
  std::vector<std::vector<std::uint8_t>> closing;  // what the values of the last ones point to

  PlainRecords(std::span<const Sealed> commits, const log::DescribeEvent& describe) {
    closing.reserve(commits.size());
    for (const Sealed& one : commits) {
      const auto commit = must(CommitView::parse(one.commit.frame), "parsing");
      const std::string index = std::to_string(commit.index().value);
      for (const auto event : commit.events()) {
        log::EventRecord described;
        describe(event, described);
        PlainRecord record{std::string(described.key), event, rd_kafka_headers_new(16)};
        add_header(record.headers, log::kafka::event_header, index);
        for (const auto& [name, text] : described.headers) add_header(record.headers, name, text);
        records.push_back(std::move(record));
      }
      log::kafka::write_closing_record(commit, closing.emplace_back());
      records.push_back({{}, closing.back(), rd_kafka_headers_new(1)});
      add_header(records.back().headers, log::kafka::commit_header, index);
    }
  }
};

// An idempotent producer, acknowledged by all replicas, as rdkafka_performance -P drives it:
// librdkafka's defaults, nothing copied, reports counted.
class PlainProducer {
 public:
  PlainProducer(const ops::Configuration& configuration, std::string topic,
                log::kafka::ClientSettings further = {})
      : topic_(std::move(topic)) {
    further["enable.idempotence"] = "true";
    further["acks"] = "all";
    further["queue.buffering.max.messages"] = "1000000";
    client_ = must(Client::open(Client::Kind::Producer,
                                ops::cluster_log_options(configuration, "unused").client, further,
                                {.context = this, .delivered = &PlainProducer::on_delivered}),
                   "opening a producer");
    (void)must(log::kafka::partitions_of(client_, topic_, timeout_ms), "asking for the topic");
  }
  // Takes the headers.
  void send(const PlainRecord& record) {
    while (true) {
      const auto code = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
          RD_KAFKA_V_VALUE(const_cast<std::uint8_t*>(record.value.data()), record.value.size()),
          RD_KAFKA_V_KEY(record.key.data(), record.key.size()), RD_KAFKA_V_HEADERS(record.headers),
          RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        must(Status(log::kafka::error_of(code, topic_)), "producing");
      }
      (void)rd_kafka_poll(client_.get(), 10);
    }
    (void)rd_kafka_poll(client_.get(), 0);
  }
  void flush() {
    const auto code = rd_kafka_flush(client_.get(), timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || failed_ > 0) {
      must(Status(log::kafka::error_of(code, topic_)), "flushing");
    }
  }
  // Seconds until all are acknowledged.
  double send_all(const PlainRecords& records) {
    const double begin = seconds_now();
    for (const auto& record : records.records) send(record);
    flush();
    return seconds_now() - begin;
  }

 private:
  static void on_delivered(const rd_kafka_message_t* message, void* context) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++static_cast<PlainProducer*>(context)->failed_;
  }
  std::string topic_;
  std::uint64_t failed_ = 0;
  Client client_;
};

// A topic with the settings of the events topic.
std::string plain_topic(const ops::Configuration& configuration) {
  auto spec = ops::cluster_topics(configuration).front();
  spec.name += ".plain";
  (void)must(log::kafka::make_missing_topics(
                 ops::cluster_log_options(configuration, "unused").client, {spec}, timeout_ms),
             "making a topic");
  return spec.name;
}

double per_second(std::size_t count, double seconds) {
  return static_cast<double>(count) / seconds;
}

void transactions_of(std::size_t size, int times,
                     const std::vector<std::vector<std::uint8_t>>& events, OurLog& ours,
                     PlainProducer& plain, const log::DescribeEvent& describe,
                     const std::string& directory) {
  std::vector<Pair> pairs;
  Histogram acks;  // of all pairs
  Histogram cycles;
  for (int pair = 0; pair < pairs_of_a_run; ++pair) {
    const auto commits = ours.seal(events, size, static_cast<std::size_t>(times));
    Histogram ack;
    Histogram sent;
    for (const Sealed& one : commits) {
      const auto before = ours.stats().sync_us_total;
      std::vector<Sealed> single(1);
      single[0].commit = one.commit;
      (void)ours.append(single, 1, &ack);
      cycles.record(ours.stats().sync_us_total - before);
    }
    for (const Sealed& one : commits) {
      const PlainRecords records(std::span(&one, 1), describe);
      sent.record(static_cast<std::uint64_t>(plain.send_all(records) * 1e6));
    }
    acks.add(ack);
    pairs.push_back({static_cast<double>(ack.at(0.5)), static_cast<double>(sent.at(0.5))});
  }
  const std::string further = ",\"cycle_p50_us\":" + std::to_string(cycles.at(0.5)) +
                              ",\"cycle_p99_us\":" + std::to_string(cycles.at(0.99)) +
                              ",\"ack_p99_us\":" + std::to_string(acks.at(0.99));
  print_result("TX" + std::to_string(size),
               "acknowledgement p50, transactions of " + std::to_string(size) +
                   " events / producing the same records and waiting for them",
               "us", std::nullopt, pairs, probe_fdatasync(directory), further);
}

}  // namespace

void b13(const std::string& config, const std::string& directory, bool quick) {
  const auto configuration = must(ops::load_configuration(config), "configuration");
  const auto events = order_events(directory + "/events", 100 * events_per_commit);
  const auto describe = ops::cluster_log_options(configuration, "unused").make_describer();
  OurLog ours(configuration, directory + "/copy");
  PlainProducer plain(configuration, plain_topic(configuration));
  const std::size_t commits = quick ? 100 : 400;
  std::vector<Pair> pairs;
  for (int pair = -1; pair < pairs_of_a_run; ++pair) {  // the first warms both
    const auto sealed = ours.seal(events, events_per_commit, commits);
    const double taken = ours.append(sealed, queued_commits_max);
    const double plainly = plain.send_all(PlainRecords(sealed, describe));
    const std::size_t count = commits * events_per_commit;
    if (pair >= 0) pairs.push_back({per_second(count, taken), per_second(count, plainly)});
    std::fprintf(stderr, "b13: %zu events: %.0f/s, plain %.0f/s\n", count, per_second(count, taken),
                 per_second(count, plainly));
  }
  print_result("B13",
               "events per second through the log on Kafka, transactions of 1,024 events / plain "
               "idempotent producing of the same records",
               "events/s", 0.3, pairs, probe_fdatasync(directory));
}

void transactions(const std::string& config, const std::string& directory, bool quick) {
  const auto configuration = must(ops::load_configuration(config), "configuration");
  const auto events = order_events(directory + "/events", 20 * events_per_commit);
  const auto describe = ops::cluster_log_options(configuration, "unused").make_describer();
  OurLog ours(configuration, directory + "/copy");
  PlainProducer plain(configuration, plain_topic(configuration), {{"linger.ms", "0"}});
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, events_per_commit}) {
    transactions_of(size, quick ? 40 : 200, events, ours, plain, describe, directory);
  }
}

void roundtrip(const std::string& config, const std::string& send_to, const std::string& watch,
               int rate, int seconds, std::int64_t first) {
  const auto configuration = must(ops::load_configuration(config), "configuration");
  const auto client = ops::cluster_log_options(configuration, "unused").client;
  auto reader = must(log::kafka::TopicReader::open(client, watch), "opening a consumer");
  must(reader->read({{partition, RD_KAFKA_OFFSET_END}}), "reading");
  while (!reader->position(partition).at_end) (void)must(reader->poll(50), "reading");
  const auto count = static_cast<std::size_t>(rate * seconds);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < count; ++i) {
    const MixedOrder order = mixed_order(first + static_cast<std::int64_t>(i), 1'000);
    values.push_back(R"({"specversion":"1.0","id":")" + order.id +
                     R"(","source":"/bench","type":"PlaceOrder","data":)" + order_body(order) +
                     "}");
  }
  const double begin = seconds_now() + 0.1;
  const auto due = [&](std::size_t i) { return begin + static_cast<double>(i) / rate; };
  std::thread sender([&] {
    PlainProducer plain(configuration, send_to, {{"linger.ms", "0"}});
    for (std::size_t i = 0; i < count; ++i) {
      const double ahead = due(i) - seconds_now();
      if (ahead > 0) std::this_thread::sleep_for(std::chrono::duration<double>(ahead));
      PlainRecord record{
          "B-" + std::to_string(first + static_cast<std::int64_t>(i)),
          {reinterpret_cast<const std::uint8_t*>(values[i].data()), values[i].size()},
          rd_kafka_headers_new(0)};
      plain.send(record);
    }
    plain.flush();
  });
  Histogram taken;
  std::vector<bool> seen(count);
  const double give_up = due(count) + timeout_ms / 1e3;
  while (taken.count() < count && seconds_now() < give_up) {
    const auto* record = must(reader->poll(50), "reading");
    if (record == nullptr || record->key.size() < 3) continue;
    const std::string key(reinterpret_cast<const char*>(record->key.data()), record->key.size());
    if (key.compare(0, 2, "B-") != 0) continue;
    const auto i = static_cast<std::size_t>(std::atoll(key.c_str() + 2) - first);
    if (i >= count || seen[i]) continue;
    seen[i] = true;
    taken.record(static_cast<std::uint64_t>((seconds_now() - due(i)) * 1e6));
  }
  sender.join();
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(R"({"sent":%llu,"seen":%llu,"p50_us":%llu,"p99_us":%llu,"max_us":%llu})"
              "\n",
              number(count), number(taken.count()), number(taken.at(0.5)), number(taken.at(0.99)),
              number(taken.at(1)));
}

}  // namespace orderlog::bench
