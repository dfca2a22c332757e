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

std::string reason_of(const runtime::Answer& answer) {
  if (answer.rejection) return "rejected: " + answer.rejection->detail;
  return "rejected: " + answer.reason;
}

}  // namespace

Result<std::unique_ptr<Inbox>> Inbox::start(InboxOptions options, runtime::Engine& engine,
                                            runtime::Loop& loop, const Clock& wall_clock) {
  std::unique_ptr<Inbox> inbox(new Inbox(std::move(options), engine, loop, wall_clock));
  auto reader = log::kafka::TopicReader::open(inbox->options_.client, inbox->options_.topic);
  if (!reader) return reader.error();
  inbox->reader_ = std::move(reader).value();
  auto writer = log::kafka::TopicWriter::open(inbox->options_.client);
  if (!writer) return writer.error();
  inbox->dead_letters_ = std::move(writer).value();
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
    lane.next = std::max(lane.next, reader_->drained_to(partition).value_or(0));
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
  const RecordView& view = lane.window.back().kept->view;
  auto command = commands_.read(view, wall_clock_.now());
  if (!command) {
    ++stats_.unreadable;
    return park(record.partition, lane.generation, lane.window.back(), command.error().message);
  }
  std::vector<std::uint8_t> bytes(command->envelope.begin(), command->envelope.end());
  const auto generation = lane.generation;
  const auto finished = lane.finished();
  ++posted_;
  lock.unlock();
  submit(record.partition, generation, record.offset, finished, std::move(bytes));
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
    case runtime::Outcome::KeyReused:
      ++stats_.rejected;
      return park(partition, generation, *item, reason_of(answer));
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
void Inbox::park(PartitionId partition, std::uint64_t generation, Item& item,
                 const std::string& reason) {
  const RecordView& original = item.kept->view;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  for (const auto& [name, value] :
       dead_letter_headers_.fill(original, reason, wall_clock_.now(), options_.engine_version)) {
    headers.emplace_back(name, value);
  }
  log::kafka::OutgoingRecord record;
  record.topic = options_.dead_letter_topic;
  record.key = original.key;
  record.value = original.value;
  record.headers = headers;
  const auto status = dead_letters_->write(
      record, [this, partition, generation, offset = item.offset](const Status& written) {
        const std::lock_guard lock(mutex_);
        if (written) {
          ++stats_.dead_letters;
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
