// Commands from the inbox topic: reads the partitions that are led here, hands each command to the
// engine, parks what cannot be taken on the dead letter topic, and moves what lies in another
// partition's inbox there, as it is. Must hold: 1. a record is done with when its command is
// durable, its dead letter is written or it has been moved, never before; 2. the offset that the
// log keeps has only such records before it; 3. what is read twice has one effect (its id is in the
// log); 4. a bounded number of records is under way, then reading waits; 5. records that were
// deleted before they were read are counted and told; 6. a partition of which everything is done
// with has no lag, whatever lies between its records (control records).
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/command_reader.h"
#include "connectors/kafka/dead_letter.h"
#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/log/kafka/topic_reader.h"
#include "events/log/kafka/topic_writer.h"

namespace orderlog::kafka {

struct InboxOptions {
  log::kafka::ClientOptions client;
  std::string topic;
  std::string dead_letter_topic;
  std::string engine_version;
  // Of a record that has more (its sender has compressed it) only the place and the reason are
  // parked.
  std::size_t record_bytes_max = command_record_bytes_max;
  // Records that are not done with, and their bytes; above, reading waits.
  std::size_t in_flight_max = 4'096;
  std::size_t in_flight_bytes_max = 64 * 1024 * 1024;
  std::uint32_t retry_ms = 200;  // after the engine or a topic was not available
  // What an operator should see as an error. The inbox's thread.
  std::function<void(const std::string&)> complain = [](const std::string&) {};
};

// Why a record was parked.
enum class ParkedAs : std::uint8_t {
  Unreadable,  // it is no command
  Rejected,
  KeyReused,  // its id was used before with another body
};
inline constexpr std::size_t parked_as_count = 3;
// "unreadable", "rejected", "key_reused".
std::string_view to_string(ParkedAs parked);

struct InboxStats {
  std::uint64_t records = 0;
  std::uint64_t accepted = 0;  // durable, repeats included
  std::uint64_t rejected = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t moved = 0;  // to the partition that they belong to
  std::array<std::uint64_t, parked_as_count> dead_letters{};
  std::uint64_t lost = 0;  // deleted from the topic before they were read: offsets
  std::uint64_t in_flight = 0;
  std::string last_trouble;
};

// Of a partition that is led here.
struct InboxProgress {
  PartitionId partition;
  std::int64_t consumed = 0;  // the offset before which every record is done with
  // Behind the last record, as of the last fetch; nothing before. While reading waits and
  // librdkafka's own queue is full, too, nothing is fetched.
  std::optional<std::int64_t> end;
  // Records that are not done with; what is not yet committed counts, too.
  std::optional<std::int64_t> lag() const;
  // How long ago the first of them was sent; if it was not read yet, how long that is known.
  std::int64_t lag_us = 0;
};

class Inbox {
 public:
  // The engine, its loop and the clock outlive this. Errors: those of the clients.
  static Result<std::unique_ptr<Inbox>> start(InboxOptions options, runtime::Engine& engine,
                                              runtime::Loop& loop, const Clock& wall_clock);
  // Not on the engine's thread, which must still run.
  ~Inbox();

  // Reads the partition from that offset on. Any thread.
  void lead(PartitionId partition, std::int64_t offset);
  // Reads it no more. On the engine's thread, before the engine leaves the partition.
  void leave(PartitionId partition);
  // Both ask no broker. Any thread.
  InboxStats stats() const;
  std::vector<InboxProgress> progress() const;

 private:
  // A record as it came, until it is done with.
  struct Kept {
    Kept(const log::kafka::TopicRecord& record, std::string_view topic);
    std::vector<std::uint8_t> bytes;  // key, value and headers, one behind the other
    RecordView view;
    std::vector<Header> headers;
  };
  struct Item {
    std::int64_t offset = 0;
    TimestampUs at = 0;
    bool finished = false;
    std::unique_ptr<Kept> kept;
  };
  struct Lane {
    std::uint64_t generation = 0;  // what is reported of an earlier one is not heeded
    std::int64_t next = 0;         // to be read
    std::int64_t written_down = 0;
    std::chrono::steady_clock::time_point not_before;
    std::optional<TimestampUs> waits_since;  // while there is something that was not read
    std::deque<Item> window;
    std::size_t window_bytes = 0;
    std::int64_t finished() const { return window.empty() ? next : window.front().offset; }
  };

  Inbox(InboxOptions options, runtime::Engine& engine, runtime::Loop& loop,
        const Clock& wall_clock);
  void run();
  bool prepare();
  bool has_room() const;
  void look_at_ends();
  void handle(const log::kafka::TopicRecord& record);
  void submit(PartitionId partition, std::uint64_t generation, std::int64_t offset,
              std::int64_t finished, std::vector<std::uint8_t> command);
  void on_answer(PartitionId partition, std::uint64_t generation, std::int64_t offset,
                 const runtime::Answer& answer);
  void on_gap(const log::kafka::TopicGap& gap);
  void park(PartitionId partition, std::uint64_t generation, const Item& item, ParkedAs as,
            const std::string& reason);
  void move(PartitionId partition, std::uint64_t generation, const Item& item, PartitionId home);
  void send_on(PartitionId partition, std::uint64_t generation, std::int64_t offset,
               std::span<const Header> headers, log::kafka::OutgoingRecord record,
               std::uint64_t& counter);
  void finish(PartitionId partition, std::uint64_t generation, std::int64_t offset);
  void start_over(Lane& lane);
  void write_down_offsets();
  Lane* lane_of(PartitionId partition, std::uint64_t generation);
  Item* item_of(Lane& lane, std::int64_t offset);

  const InboxOptions options_;
  runtime::Engine& engine_;
  runtime::Loop& loop_;
  const Clock& wall_clock_;
  std::unique_ptr<log::kafka::TopicReader> reader_;
  CommandReader commands_;
  DeadLetterHeaders dead_letter_headers_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<PartitionId, Lane> lanes_;
  bool lanes_changed_ = false;
  std::uint64_t next_generation_ = 1;
  std::uint64_t posted_ = 0;  // to the loop, not yet run or answered
  InboxStats stats_;
  bool stopping_ = false;
  std::unique_ptr<log::kafka::TopicWriter> writer_;  // its thread uses the above
  std::thread thread_;
};

}  // namespace orderlog::kafka
