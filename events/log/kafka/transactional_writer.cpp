#include "events/log/kafka/transactional_writer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "events/log/kafka/records.h"
#include "events/log/kafka/transaction.h"

namespace orderlog::log::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int queue_full_poll_ms = 10;
// A commit is answered before its markers are written. Until they are, the coordinator refuses the
// next transaction, and librdkafka asks again only after 20 ms: better wait a little, while more
// gathers.
constexpr std::chrono::microseconds marker_pause(2'000);

}  // namespace

Result<std::unique_ptr<TransactionalWriter>> TransactionalWriter::open(
    const KafkaLogOptions& options, PartitionId partition, Outcome outcome) {
  const std::string doing =
      "claiming partition " + std::to_string(partition.value) + " of " + options.topic;
  std::string id = options.transactional_id_prefix + "." + options.topic + ".p" +
                   std::to_string(partition.value);
  if (!options.fencing) id += "." + std::to_string(SteadyClock::now().time_since_epoch().count());
  const ClientSettings own{
      {"transactional.id", id},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"transaction.timeout.ms", std::to_string(options.transaction_timeout_ms)},
      {"message.timeout.ms", std::to_string(options.message_timeout_ms)},
      {"message.max.bytes", std::to_string(record_bytes_max)},
      {"queue.buffering.max.messages", "1000000"},
      {"retry.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "1000"}};
  std::unique_ptr<TransactionalWriter> writer(
      new TransactionalWriter(options, partition, std::move(outcome)));
  if (options.make_describer) writer->describe_ = options.make_describer();
  // Without any report rd_kafka_flush would look for the records' delivery every 10 ms.
  auto client = Client::open(Client::Kind::Producer, options.client, own,
                             {.context = writer.get(), .delivered = &on_delivery});
  if (!client) return client.error();
  writer->client_ = std::move(client).value();
  if (auto status = begin_transactions(writer->client_, options.request_timeout_ms, doing);
      !status) {
    return status.error();
  }
  // Known before the first record, which else waits until librdkafka looks again, up to a second.
  auto known = partitions_of(writer->client_, options.topic, options.request_timeout_ms);
  if (!known) return known.error();
  writer->thread_ = std::thread([self = writer.get()] { self->run(); });
  return writer;
}

// During rd_kafka_flush. The offset is unknown (-1) of what a broker had already.
void TransactionalWriter::on_delivery(const rd_kafka_message_s* message, void* context) {
  auto& writer = *static_cast<TransactionalWriter*>(context);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset < 0) return;
  if (writer.first_delivered_ < 0) writer.first_delivered_ = message->offset;
  writer.last_delivered_ = message->offset;
}

TransactionalWriter::~TransactionalWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TransactionalWriter::push(std::span<const SealedCommit> commits, AppendDone done) {
  std::size_t bytes = 0;
  for (const auto& commit : commits) bytes += commit.frame.size();
  {
    const std::lock_guard lock(mutex_);
    if (groups_.empty() || groups_.back().bytes + bytes > options_.transaction_bytes_max) {
      groups_.emplace_back();
    }
    Group& group = groups_.back();
    for (const auto& commit : commits) {
      auto& frame = group.frames.emplace_back((commit.frame.size() + 7) / 8);
      std::memcpy(frame.data(), commit.frame.data(), commit.frame.size());
      group.events += commit.header.event_count;
    }
    group.done.push_back(std::move(done));
    group.commits += commits.size();
    group.bytes += bytes;
  }
  work_.notify_one();
}

std::optional<TransactionalWriter::Group> TransactionalWriter::take() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return stopping_ || !groups_.empty(); });
  if (groups_.empty()) return std::nullopt;
  lock.unlock();
  std::this_thread::sleep_until(not_before_);
  lock.lock();
  Group group = std::move(groups_.front());
  groups_.pop_front();
  return group;
}

void TransactionalWriter::run() {
  while (auto group = take()) {
    Status status;
    if (condemned_) {
      status = *condemned_;
    } else {
      const auto started = SteadyClock::now();
      status = write(*group);
      not_before_ = SteadyClock::now() + marker_pause;
      group->cycle_us = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - started)
              .count());
      if (!status) {
        // What waits behind it was never sent.
        const std::lock_guard lock(mutex_);
        condemned_ = status.error().code == ErrorCode::Fenced
                         ? status.error()
                         : error(ErrorCode::Unavailable,
                                 "nothing is written after: " + status.error().message);
      }
    }
    outcome_(*group, status);
  }
}

Status TransactionalWriter::write(const Group& group) {
  if (auto begun = begin_transaction(client_); !begun) return begun;
  first_delivered_ = last_delivered_ = -1;
  for (const auto& frame : group.frames) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(frame.data());
    auto commit = CommitView::parse({bytes, frame.size() * sizeof(std::uint64_t)});
    const auto status = commit ? produce(*commit) : Status(commit.error());
    if (!status) return abort_transaction(client_, status.error(), options_.request_timeout_ms);
  }
  // What is not delivered in that time, the commit waits for, or fails of.
  (void)rd_kafka_flush(client_.get(), static_cast<int>(options_.message_timeout_ms));
  if (auto kept = check_end(); !kept) {
    (void)abort_transaction(client_, kept.error(), options_.request_timeout_ms);
    return kept;
  }
  auto committed =
      commit_transaction(client_, options_.transaction_timeout_ms, options_.request_timeout_ms);
  if (committed) known_end_ = std::max(known_end_, last_delivered_ + 1);
  return committed;
}

Status TransactionalWriter::check_end() const {
  if (first_delivered_ < 0 || first_delivered_ >= known_end_) return Status();
  return error(ErrorCode::Corrupt, "partition " + std::to_string(partition_.value) + " of " +
                                       options_.topic + " goes on at offset " +
                                       std::to_string(first_delivered_) + ", but it reached " +
                                       std::to_string(known_end_) +
                                       " before; the topic has lost data and is not written to");
}

Status TransactionalWriter::produce(const CommitView& commit) {
  for (const Bytes event : commit.events()) {
    described_.key = {};
    described_.headers.clear();
    if (describe_) describe_(event, described_);
    if (auto status = produce_record(event, event_header, commit.index(), &described_); !status) {
      return status;
    }
  }
  write_closing_record(commit, closing_);
  return produce_record(closing_, commit_header, commit.index(), nullptr);
}

Status TransactionalWriter::produce_record(Bytes value, std::string_view index_header,
                                           CommitIndex index, const EventRecord* described) {
  const std::string number = std::to_string(index.value);
  const auto add = [](rd_kafka_headers_t* to, std::string_view name, std::string_view text) {
    (void)rd_kafka_header_add(to, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                              static_cast<ssize_t>(text.size()));
  };
  while (true) {
    // Made anew for each attempt: a refused one may leave them to us, an accepted one takes them.
    rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
    add(headers, index_header, number);
    if (described != nullptr) {
      for (const auto& [name, text] : described->headers) add(headers, name, text);
    }
    const void* key =
        described == nullptr || described->key.empty() ? nullptr : described->key.data();
    const std::size_t key_bytes = key == nullptr ? 0 : described->key.size();
    const auto code =
        rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(options_.topic.c_str()),
                          RD_KAFKA_V_PARTITION(static_cast<std::int32_t>(partition_.value)),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_VALUE(const_cast<std::uint8_t*>(value.data()), value.size()),
                          RD_KAFKA_V_KEY(const_cast<void*>(key), key_bytes),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    rd_kafka_headers_destroy(headers);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return error_of(code, "writing to " + options_.topic);
    (void)rd_kafka_poll(client_.get(), queue_full_poll_ms);
  }
}

}  // namespace orderlog::log::kafka
