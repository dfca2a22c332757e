// Longer than 400 lines because all ways that a record can go end in one account of what is done.
#include "connectors/kafka/inbox.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace orderlog::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::uint32_t poll_ms = 50;
// What is finished while nothing new comes is written down so often.
constexpr std::chrono::seconds write_down_interval(1);
constexpr std::chrono::milliseconds look_interval(poll_ms);

// Of the record alone in a batch, at most.
std::size_t bytes_of(const RecordView& record) {
  constexpr std::size_t batch_overhead = 128;
  constexpr std::size_t header_overhead = 10;
  std::size_t bytes = batch_overhead + record.key.size() + record.value.size();
  for (const auto& [name, value] : record.headers)
    bytes += header_overhead + name.size() + value.size();
  return bytes;
}

std::string reason_of(const runtime::Answer& answer) {
  if (answer.rejection) return "rejected: " + answer.rejection->detail;
  return "rejected: " + answer.reason;
}

}  // namespace

std::string_view to_string(ParkedAs parked) {
  switch (parked) {
    case ParkedAs::Unreadable:
      return "unreadable";
    case ParkedAs::Rejected:
      return "rejected";
    case ParkedAs::KeyReused:
      return "key_reused";
  }
  return "";
}

Result<std::unique_ptr<Inbox>> Inbox::start(InboxOptions options, runtime::Engine& engine,
                                            runtime::Loop& loop, const Clock& wall_clock) {
  std::unique_ptr<Inbox> inbox(new Inbox(std::move(options), engine, loop, wall_clock));
  auto reader = log::kafka::TopicReader::open(
      inbox->options_.client, inbox->options_.topic,
      [self = inbox.get()](const log::kafka::TopicGap& gap) { self->on_gap(gap); });
  if (!reader) return reader.error();
  inbox->reader_ = std::move(reader).value();
  auto writer = log::kafka::TopicWriter::open(inbox->options_.client);
  if (!writer) return writer.error();
  inbox->writer_ = std::move(writer).value();
  inbox->thread_ = std::thread([self = inbox.get()] { self->run(); });
  return inbox;
}

Inbox::Inbox(InboxOptions options, runtime::Engine& engine, runtime::Loop& loop,
             const Clock& wall_clock)
    : options_(std::move(options)), engine_(engine), loop_(loop), wall_clock_(wall_clock) {}

Inbox::~Inbox() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    lanes_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  // What was given to the engine is answered before this goes.
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return posted_ == 0; });
}

void Inbox::lead(PartitionId partition, std::int64_t offset) {
  {
    const std::lock_guard lock(mutex_);
    Lane lane;
    lane.generation = next_generation_++;
    lane.next = lane.written_down = offset;
    lanes_[partition] = std::move(lane);
    lanes_changed_ = true;
  }
  changed_.notify_all();
}

void Inbox::leave(PartitionId partition) {
  std::int64_t finished = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto lane = lanes_.find(partition);
    if (lane == lanes_.end()) return;
    if (lane->second.finished() > lane->second.written_down) finished = lane->second.finished();
    lanes_.erase(lane);
    lanes_changed_ = true;
  }
  // So that the next leader reads nothing of that again.
  if (finished > 0) {
    engine_.submit_from_inbox(partition, finished, {}, [](const runtime::Answer&) {});
  }
}

InboxStats Inbox::stats() const {
  const std::lock_guard lock(mutex_);
  InboxStats now = stats_;
  for (const auto& [partition, lane] : lanes_) now.in_flight += lane.window.size();
  return now;
}

std::optional<std::int64_t> InboxProgress::lag() const {
  if (!end) return std::nullopt;
  return std::max<std::int64_t>(*end - consumed, 0);
}

std::vector<InboxProgress> Inbox::progress() const {
  const TimestampUs now = wall_clock_.now();
  std::vector<InboxProgress> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, lane] : lanes_) {
    InboxProgress& of_lane = all.emplace_back();
    of_lane.partition = partition;
    of_lane.consumed = lane.finished();
    of_lane.end = reader_->end_of(partition);
    if (!lane.window.empty()) {
      of_lane.lag_us = std::max<std::int64_t>(now - lane.window.front().at, 0);
    } else if (lane.waits_since) {
      of_lane.lag_us = std::max<std::int64_t>(now - *lane.waits_since, 0);
    }
  }
  return all;
}

// ---- reading, on a thread of its own ------------------------------------------------------------

void Inbox::run() {
  auto written_down = SteadyClock::now();
  auto looked = written_down;
  while (prepare()) {
    auto record = reader_->poll(poll_ms);
    if (!record) {
      std::unique_lock lock(mutex_);
      stats_.last_trouble = record.error().message;
      changed_.wait_for(lock, std::chrono::milliseconds(options_.retry_ms));
      lanes_changed_ = true;
    } else if (*record != nullptr) {
      handle(**record);
    }
    const auto now = SteadyClock::now();
    if (now - looked >= look_interval) {
      looked = now;
      look_at_ends();
    }
    if (now - written_down >= write_down_interval) {
      written_down = now;
      write_down_offsets();
    }
  }
}

// Until there is something that may be read. False: stopping.
bool Inbox::prepare() {
  std::map<PartitionId, std::int64_t> from;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || (!lanes_.empty() && has_room()); });
    if (stopping_) return false;
    const auto now = SteadyClock::now();
    auto wake = now;
    for (const auto& [partition, lane] : lanes_) wake = std::max(wake, lane.not_before);
    if (lanes_changed_ && wake > now) {
      changed_.wait_until(lock, wake, [this] { return stopping_; });
      return !stopping_;
    }
    if (!lanes_changed_) return true;
    lanes_changed_ = false;
    for (const auto& [partition, lane] : lanes_) from[partition] = lane.next;
  }
  if (auto status = reader_->read(from); !status) {
    const std::lock_guard lock(mutex_);
    stats_.last_trouble = status.error().message;
    lanes_changed_ = true;
  }
  return true;
}

// Under the lock.
bool Inbox::has_room() const {
  std::size_t items = 0;
  std::size_t bytes = 0;
  for (const auto& [partition, lane] : lanes_) {
    items += lane.window.size();
    bytes += lane.window_bytes;
  }
  return items < options_.in_flight_max && bytes < options_.in_flight_bytes_max;
}

// Passes over what is never given out, and notes since when something waits that was not read.
void Inbox::look_at_ends() {
  const std::lock_guard lock(mutex_);
  if (lanes_changed_) return;  // the reader is not where the lanes are
  for (auto& [partition, lane] : lanes_) {
    const auto position = reader_->position(partition);
    if (position.at_end) lane.next = std::max(lane.next, position.next);
    if (reader_->end_of(partition).value_or(0) <= lane.next) {
      lane.waits_since.reset();
    } else if (!lane.waits_since) {
      lane.waits_since = wall_clock_.now();
    }
  }
}

void Inbox::handle(const log::kafka::TopicRecord& record) {
  std::unique_lock lock(mutex_);
  const auto found = lanes_.find(record.partition);
  // What still comes of an earlier choice of partitions and offsets is read again.
  if (lanes_changed_ || found == lanes_.end() || record.offset < found->second.next) return;
  Lane& lane = found->second;
  lane.next = record.offset + 1;
  lane.waits_since.reset();  // what is behind it was sent later
  ++stats_.records;
  Item item;
  item.offset = record.offset;
  item.at = record.at > 0 ? record.at : wall_clock_.now();
  item.kept = std::make_unique<Kept>(record, options_.topic);
  lane.window_bytes += item.kept->bytes.size();
  lane.window.push_back(std::move(item));
  const Item& kept = lane.window.back();
  if (const auto bytes = bytes_of(kept.kept->view); bytes > options_.record_bytes_max) {
    ++stats_.unreadable;
    return park(record.partition, lane.generation, kept, ParkedAs::Unreadable,
                "the record has " + std::to_string(bytes) + " bytes, more than the limit of " +
                    std::to_string(options_.record_bytes_max) + ": it is not kept here");
  }
  auto command = commands_.read(kept.kept->view, wall_clock_.now());
  if (!command) {
    ++stats_.unreadable;
    return park(record.partition, lane.generation, kept, ParkedAs::Unreadable,
                command.error().message);
  }
  const PartitionId home = partition_of(command->aggregate_id, engine_.partition_count());
  if (home != record.partition) return move(record.partition, lane.generation, kept, home);
  std::vector<std::uint8_t> bytes(command->envelope.begin(), command->envelope.end());
  const auto generation = lane.generation;
  const auto finished = lane.finished();
  ++posted_;
  lock.unlock();
  submit(record.partition, generation, record.offset, finished, std::move(bytes));
}

void Inbox::on_gap(const log::kafka::TopicGap& gap) {
  const bool deleted = gap.first > gap.expected;
  {
    const std::lock_guard lock(mutex_);
    const auto found = lanes_.find(gap.partition);
    if (lanes_changed_ || found == lanes_.end()) return;  // it is told again, if it is read again
    Lane& lane = found->second;
    if (deleted) {
      stats_.lost += static_cast<std::uint64_t>(gap.first - gap.expected);
    } else {
      // What is under way has offsets of another topic.
      lane.window.clear();
      lane.window_bytes = 0;
      lane.generation = next_generation_++;
    }
    lane.next = gap.first;
  }
  const std::string place =
      "partition " + std::to_string(gap.partition.value) + " of " + options_.topic;
  const std::string expected = "offset " + std::to_string(gap.expected);
  const std::string first = "the first available one, " + std::to_string(gap.first);
  options_.complain(
      deleted ? std::to_string(gap.first - gap.expected) + " records of " + place +
                    " were deleted before they were read: " + expected +
                    " was expected, reading goes on at " + first
              : place + " ends before " + expected +
                    ", up to which it had been read: was the topic made anew? Reading goes on at " +
                    first);
}

Inbox::Kept::Kept(const log::kafka::TopicRecord& record, std::string_view topic) {
  std::size_t size = record.key.size() + record.value.size();
  for (const auto& [name, value] : record.headers) size += name.size() + value.size();
  bytes.reserve(size + 1);  // never without an address: null and empty stay apart
  const auto keep = [this](const auto& from) {
    const auto* at = bytes.data() + bytes.size();
    const auto* data = reinterpret_cast<const std::uint8_t*>(from.data());
    bytes.insert(bytes.end(), data, data + from.size());
    return data == nullptr ? nullptr : at;
  };
  view.topic = topic;
  view.partition = static_cast<std::int32_t>(record.partition.value);
  view.offset = record.offset;
  view.key = {keep(record.key), record.key.size()};
  view.value = {keep(record.value), record.value.size()};
  for (const auto& [name, value] : record.headers) {
    const auto* name_at = reinterpret_cast<const char*>(keep(name));
    const auto* value_at = reinterpret_cast<const char*>(keep(value));
    headers.push_back({{name_at, name.size()}, {value_at, value.size()}});
  }
  view.headers = headers;
}

void Inbox::submit(PartitionId partition, std::uint64_t generation, std::int64_t offset,
                   std::int64_t finished, std::vector<std::uint8_t> command) {
  loop_.post([this, partition, generation, offset, finished, command = std::move(command)] {
    engine_.submit_from_inbox(partition, finished, command,
                              [this, partition, generation, offset](const runtime::Answer& answer) {
                                on_answer(partition, generation, offset, answer);
                              });
  });
}

void Inbox::write_down_offsets() {
  std::unique_lock lock(mutex_);
  for (auto& [partition, lane] : lanes_) {
    if (lane.finished() <= lane.written_down) continue;
    lane.written_down = lane.finished();
    ++posted_;
    submit(partition, lane.generation, -1, lane.written_down, {});
  }
}

// ---- what became of it --------------------------------------------------------------------------

// On the engine's thread.
void Inbox::on_answer(PartitionId partition, std::uint64_t generation, std::int64_t offset,
                      const runtime::Answer& answer) {
  const std::lock_guard lock(mutex_);
  --posted_;
  changed_.notify_all();
  Lane* lane = lane_of(partition, generation);
  Item* item = lane == nullptr ? nullptr : item_of(*lane, offset);
  if (item == nullptr) return;
  switch (answer.outcome) {
    case runtime::Outcome::Accepted:
      ++stats_.accepted;
      return finish(partition, generation, offset);
    case runtime::Outcome::Rejected:
      ++stats_.rejected;
      return park(partition, generation, *item, ParkedAs::Rejected, reason_of(answer));
    case runtime::Outcome::KeyReused:
      ++stats_.rejected;
      return park(partition, generation, *item, ParkedAs::KeyReused, reason_of(answer));
    case runtime::Outcome::Unavailable:
      stats_.last_trouble = answer.reason;
      return start_over(*lane);
    case runtime::Outcome::Stopping:
    case runtime::Outcome::NotLeading:
    case runtime::Outcome::Unknown:
      // Whoever leads the partition next reads on where the log says.
      lanes_.erase(partition);
      lanes_changed_ = true;
      return;
  }
}

// Under the lock.
void Inbox::park(PartitionId partition, std::uint64_t generation, const Item& item, ParkedAs as,
                 const std::string& reason) {
  RecordView parked = item.kept->view;
  if (bytes_of(parked) > options_.record_bytes_max) {
    parked.key = parked.value = {};
    parked.headers = {};
  }
  log::kafka::OutgoingRecord record;
  record.topic = options_.dead_letter_topic;
  record.key = parked.key;
  record.value = parked.value;
  const auto headers =
      dead_letter_headers_.fill(parked, reason, wall_clock_.now(), options_.engine_version);
  send_on(partition, generation, item.offset, headers, record,
          stats_.dead_letters[static_cast<std::size_t>(as)]);
}

// Under the lock. Its sender places keys in another way, or it has none. Those of one aggregate
// stay in their order: they lay in one partition, and one writer moves them.
void Inbox::move(PartitionId partition, std::uint64_t generation, const Item& item,
                 PartitionId home) {
  log::kafka::OutgoingRecord record;
  record.topic = options_.topic;
  record.partition = static_cast<std::int32_t>(home.value);
  record.key = item.kept->view.key;
  record.value = item.kept->view.value;
  send_on(partition, generation, item.offset, item.kept->headers, record, stats_.moved);
}

// Under the lock. Once it is written, what lay at the offset is done with.
void Inbox::send_on(PartitionId partition, std::uint64_t generation, std::int64_t offset,
                    std::span<const Header> headers, log::kafka::OutgoingRecord record,
                    std::uint64_t& counter) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const auto& [name, value] : headers) pairs.emplace_back(name, value);
  record.headers = pairs;
  const auto status = writer_->write(
      record, [this, partition, generation, offset, &counter](const Status& written) {
        const std::lock_guard lock(mutex_);
        if (written) {
          ++counter;
          return finish(partition, generation, offset);
        }
        stats_.last_trouble = written.error().message;
        if (Lane* lane = lane_of(partition, generation)) start_over(*lane);
        changed_.notify_all();
      });
  if (status) return;
  stats_.last_trouble = status.error().message;
  if (Lane* lane = lane_of(partition, generation)) start_over(*lane);
}

// Under the lock.
void Inbox::finish(PartitionId partition, std::uint64_t generation, std::int64_t offset) {
  Lane* lane = lane_of(partition, generation);
  Item* item = lane == nullptr ? nullptr : item_of(*lane, offset);
  if (item == nullptr) return;
  item->finished = true;
  while (!lane->window.empty() && lane->window.front().finished) {
    lane->window_bytes -= lane->window.front().kept->bytes.size();
    lane->window.pop_front();
  }
  changed_.notify_all();
}

// Under the lock. Reads again from the first record that is not done with, a little later.
void Inbox::start_over(Lane& lane) {
  lane.next = lane.finished();
  if (!lane.window.empty()) lane.waits_since = lane.window.front().at;
  lane.window.clear();
  lane.window_bytes = 0;
  lane.generation = next_generation_++;
  lane.not_before = SteadyClock::now() + std::chrono::milliseconds(options_.retry_ms);
  lanes_changed_ = true;
}

Inbox::Lane* Inbox::lane_of(PartitionId partition, std::uint64_t generation) {
  const auto found = lanes_.find(partition);
  return found != lanes_.end() && found->second.generation == generation ? &found->second : nullptr;
}

Inbox::Item* Inbox::item_of(Lane& lane, std::int64_t offset) {
  const auto found =
      std::lower_bound(lane.window.begin(), lane.window.end(), offset,
                       [](const Item& item, std::int64_t wanted) { return item.offset < wanted; });
  return found != lane.window.end() && found->offset == offset ? &*found : nullptr;
}

}  // namespace orderlog::kafka
