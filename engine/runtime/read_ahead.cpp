#include "engine/runtime/read_ahead.h"

#include <functional>
#include <string_view>
#include <utility>

namespace orderlog::runtime {
namespace {

std::string_view id_of(const schema::Envelope& event) {
  return {event.aggregate_id()->c_str(), event.aggregate_id()->size()};
}

// Of two with the same hash the second is not read ahead.
std::size_t hash_of(const schema::Envelope& event) {
  const auto kind = static_cast<std::size_t>(event.payload_type());
  return std::hash<std::string_view>{}(id_of(event)) + kind;
}

bool has_aggregate(const schema::Envelope& event) {
  const auto kind = event.payload_type();
  return kind > schema::AnyEvent::NONE && kind <= schema::AnyEvent::MAX &&
         kind != schema::AnyEvent::SystemEvents;
}

}  // namespace

Result<std::unique_ptr<ReadAhead>> ReadAhead::start(log::LogReader& log, PartitionId partition,
                                                    log::CommitIndex from,
                                                    const AggregateReader& reader,
                                                    std::size_t threads) {
  std::unique_ptr<ReadAhead> ahead(new ReadAhead(reader));
  const log::CommitIndex last = log.durable_end(partition).last_commit;
  for (std::size_t number = 0; number < threads; ++number) {
    auto commits = log.read(partition, from.next());
    if (!commits) return commits.error();
    ahead->shares_.push_back(
        std::make_unique<Share>(std::move(*commits), last, ahead->reader_, number, threads));
  }
  return ahead;
}

Result<std::unique_ptr<CachedAggregate>> ReadAhead::take(const schema::Envelope& event) {
  const std::size_t hash = hash_of(event);
  if (auto read = shares_[hash % shares_.size()]->take(event, hash)) return read;
  return reader_.read(event.payload_type(), id_of(event));
}

ReadAhead::Share::Share(std::unique_ptr<log::CommitCursor> commits, log::CommitIndex last,
                        const AggregateReader& reader, std::size_t number, std::size_t shares)
    : commits_(std::move(commits)),
      last_(last),
      reader_(reader),
      number_(number),
      shares_(shares),
      thread_([this] { run(); }) {}

ReadAhead::Share::~Share() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::unique_ptr<CachedAggregate> ReadAhead::Share::take(const schema::Envelope& event,
                                                        std::size_t hash) {
  std::unique_lock lock(mutex_);
  const auto is_read = [&] { return finished_ || read_up_to_.value >= event.seq(); };
  if (!is_read()) {
    wanted_ = true;
    changed_.notify_all();
    changed_.wait(lock, is_read);
    wanted_ = false;
  }
  const auto found = waiting_.find(hash);
  if (found == waiting_.end() || found->second->kind != event.payload_type() ||
      found->second->id != id_of(event)) {
    return nullptr;
  }
  auto aggregate = std::move(found->second);
  waiting_.erase(found);
  waiting_bytes_ -= aggregate->bytes;
  changed_.notify_all();
  return aggregate;
}

void ReadAhead::Share::run() {
  for (bool more = true; more;) {
    // What is wrong with a commit or an aggregate the replay finds itself.
    auto commit = commits_->next();
    more = commit && *commit && read_commit(**commit) && (*commit)->index() < last_;
  }
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
}

bool ReadAhead::Share::read_commit(const log::CommitView& commit) {
  std::vector<Read> read;
  Sequence last = commit.first_seq();
  for (const auto bytes : commit.events()) {
    const auto& event = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
    last = Sequence(event.seq());
    if (!has_aggregate(event)) continue;
    const std::size_t hash = hash_of(event);
    if (hash % shares_ != number_ || !seen_.insert(hash).second) continue;
    if (event.aggregate_version() == 1) continue;
    auto aggregate = reader_.read(event.payload_type(), id_of(event));
    if (!aggregate) return false;
    read.push_back({hash, std::move(*aggregate)});
  }
  return publish(last, read);
}

// False: it is to stop.
bool ReadAhead::Share::publish(Sequence read_up_to, std::vector<Read>& read) {
  std::unique_lock lock(mutex_);
  read_up_to_ = read_up_to;
  for (auto& [hash, aggregate] : read) {
    waiting_bytes_ += aggregate->bytes;
    waiting_.emplace(hash, std::move(aggregate));
  }
  if (wanted_) changed_.notify_all();
  changed_.wait(lock, [&] { return stopping_ || wanted_ || waiting_bytes_ <= bytes_max; });
  return !stopping_;
}

}  // namespace orderlog::runtime
