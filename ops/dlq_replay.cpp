// `orderlog dlq replay`: parked records back into the inbox, as their senders sent them. Must hold:
// 1. all that is asked for is checked before the first is sent; 2. a letter is noted as replayed
// when the inbox has its record, never before; a crash in between makes the record come twice,
// which has one effect, as its id is the same.
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <set>

#include "events/base/clock.h"
#include "events/log/kafka/topic_writer.h"
#include "ops/commands.h"
#include "ops/dead_letter_topic.h"

namespace orderlog::ops {
namespace {

using kafka::RecordView;

constexpr std::size_t batch_records_max = 256;
constexpr std::size_t batch_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t host_bytes_max = 256;

std::string who() {
  const passwd* user = getpwuid(geteuid());
  char host[host_bytes_max] = {};
  (void)gethostname(host, sizeof host - 1);
  return (user == nullptr ? std::to_string(geteuid()) : std::string(user->pw_name)) + "@" + host;
}

// By partition, the offsets.
using Chosen = std::map<std::uint32_t, std::set<std::int64_t>>;

class Replayer {
 public:
  Replayer(DeadLetterTopic& topic, const DlqReplayOptions& options)
      : topic_(topic), options_(options) {}

  Status run(const std::vector<TopicPlace>& places) {
    auto chosen = options_.all ? choose_all() : check(places);
    if (!chosen) return chosen.error();
    if (!options_.dry_run) {
      auto client = topic_.client();
      client.settings["message.timeout.ms"] =
          std::to_string(topic_.configuration().message_timeout_ms);
      auto writer = log::kafka::TopicWriter::open(client);
      if (!writer) return writer.error();
      writer_ = std::move(writer).value();
    }
    const Status status = replay(*chosen);
    std::printf("%zu %s\n", done_, options_.dry_run ? "would be replayed" : "replayed");
    return status;
  }

 private:
  struct Sent {
    TopicPlace letter;
    std::int32_t partition = 0;  // of the inbox
    std::future<Status> outcome;
  };

  // Whether the record can be sent again. Errors: InvalidArgument.
  Result<kafka::DeadLetter> letter_of(const RecordView& record) const {
    auto letter = kafka::read_dead_letter(record);
    if (letter && letter->original.topic != topic_.configuration().commands_topic) {
      return error(ErrorCode::InvalidArgument,
                   "it came from topic " + quote_input(letter->original.topic) + ", not from " +
                       topic_.configuration().commands_topic);
    }
    return letter;
  }

  Result<Chosen> check(const std::vector<TopicPlace>& places) {
    Chosen chosen;
    for (const TopicPlace& place : places) {
      Status fit;
      const auto status = topic_.visit_one(place, [&](const RecordView& record) {
        if (auto letter = letter_of(record); !letter) fit = letter.error();
      });
      if (!status) return status.error();
      if (!fit) return error(fit.error().code, to_string(place) + ": " + fit.error().message);
      chosen[place.partition].insert(place.offset);
    }
    return chosen;
  }

  // Those that were not replayed yet: one that was, and failed again, is parked once more.
  Result<Chosen> choose_all() {
    Chosen chosen;
    for (std::uint32_t p = 0; p < topic_.partition_count(); ++p) {
      auto replays = topic_.replays({p, 0});
      if (!replays) return replays.error();
      const auto status = topic_.scan({p, 0}, [&](const RecordView& record) {
        const auto letter = letter_of(record);
        if (letter && letter->reason.find(options_.reason) != std::string_view::npos &&
            !replays->contains(record.offset)) {
          chosen[p].insert(record.offset);
        }
        return true;
      });
      if (!status) return status.error();
    }
    return chosen;
  }

  Status replay(const Chosen& chosen) {
    for (const auto& [partition, offsets] : chosen) {
      Status sent;
      std::size_t found = 0;
      auto status = topic_.scan({partition, *offsets.begin()}, [&](const RecordView& record) {
        if (!offsets.contains(record.offset)) return record.offset < *offsets.rbegin();
        ++found;
        sent = send(record);
        return sent.ok() && found < offsets.size();
      });
      // What was sent is noted in any case.
      const Status settled = settle();
      for (const Status& outcome : {status, sent, settled}) {
        if (!outcome) return outcome;
      }
      if (found < offsets.size()) {
        return error(ErrorCode::NotFound, std::to_string(offsets.size() - found) +
                                              " records of partition " + std::to_string(partition) +
                                              " were deleted by the topic meanwhile");
      }
    }
    return {};
  }

  Status send(const RecordView& record) {
    const auto letter = letter_of(record);
    if (!letter) return letter.error();
    const RecordView& original = letter->original;
    const TopicPlace place{static_cast<std::uint32_t>(record.partition), record.offset};
    if (options_.dry_run) {
      tell("would replay", place, original.partition);
      ++done_;
      return {};
    }
    std::vector<kafka::Header> headers;
    for (const auto& header : kafka::senders_headers(original.headers)) headers.push_back(header);
    const std::string from = to_string(place);
    headers.push_back({kafka::replayed_from_header, from});
    auto outcome = write(original.topic, original.partition, original.key, original.value, headers);
    if (!outcome) return outcome.error();
    sent_.push_back({place, original.partition, std::move(outcome).value()});
    sent_bytes_ += original.value.size();
    return sent_.size() < batch_records_max && sent_bytes_ < batch_bytes_max ? Status() : settle();
  }

  // Waits for what was sent, and notes it beside its letters.
  Status settle() {
    Status first;
    std::vector<Sent> noted;
    for (Sent& sent : sent_) {
      const Status delivered = sent.outcome.get();
      if (!delivered) {
        if (first) first = of(sent.letter, "was not replayed", delivered);
        continue;
      }
      kafka::ReplayNoteHeaders note;
      const auto headers = note.fill({sent.letter.offset, WallClock().now(), by_});
      auto outcome =
          write(topic_.name(), static_cast<std::int32_t>(sent.letter.partition), {}, {}, headers);
      ++done_;
      tell("replayed", sent.letter, sent.partition);
      if (outcome) noted.push_back({sent.letter, sent.partition, std::move(outcome).value()});
      if (!outcome && first)
        first = of(sent.letter, "was replayed, but not noted", outcome.error());
    }
    for (Sent& note : noted) {
      const Status written = note.outcome.get();
      if (!written && first) first = of(note.letter, "was replayed, but not noted", written);
    }
    sent_.clear();
    sent_bytes_ = 0;
    return first;
  }

  static Error of(const TopicPlace& place, const char* what, const Status& why) {
    return error(why.error().code, to_string(place) + " " + what + ": " + why.error().message);
  }

  Result<std::future<Status>> write(std::string_view topic, std::int32_t partition,
                                    kafka::Bytes key, kafka::Bytes value,
                                    std::span<const kafka::Header> headers) {
    std::vector<std::pair<std::string_view, std::string_view>> pairs;
    for (const auto& [name, text] : headers) pairs.emplace_back(name, text);
    log::kafka::OutgoingRecord record;
    record.topic = topic;
    record.partition = partition;
    record.key = key;
    record.value = value;
    record.headers = pairs;
    auto outcome = std::make_shared<std::promise<Status>>();
    auto written = outcome->get_future();
    auto status =
        writer_->write(record, [outcome](const Status& done) { outcome->set_value(done); });
    if (!status) return status.error();
    return written;
  }

  void tell(const char* what, const TopicPlace& letter, std::int32_t partition) const {
    std::printf("%s %s to partition %d of %s\n", what, to_string(letter).c_str(), partition,
                topic_.configuration().commands_topic.c_str());
  }

  DeadLetterTopic& topic_;
  const DlqReplayOptions& options_;
  const std::string by_ = who();
  std::vector<Sent> sent_;
  std::size_t sent_bytes_ = 0;
  std::size_t done_ = 0;
  std::unique_ptr<log::kafka::TopicWriter> writer_;
};

}  // namespace

int dlq_replay(const DlqReplayOptions& options) {
  std::vector<TopicPlace> places;
  for (const auto& text : options.positions) {
    const auto place = parse_place(text);
    if (!place) {
      report("dlq replay", place.error());
      return exit_usage;
    }
    places.push_back(*place);
  }
  auto topic = DeadLetterTopic::open(options.config);
  if (!topic) return report("dlq replay", topic.error());
  const auto status = Replayer(**topic, options).run(places);
  std::fflush(stdout);
  return status ? exit_ok : report("dlq replay", status.error());
}

}  // namespace orderlog::ops
