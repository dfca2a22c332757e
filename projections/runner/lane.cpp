#include "projections/runner/lane.h"

#include <chrono>

#include "events/base/planted_bug.h"

namespace orderlog::projections {
namespace {

constexpr std::size_t event_kinds_max = 64;  // bits of an EventMask

std::string place(std::uint32_t partition) { return "partition " + std::to_string(partition); }

Error gap(std::uint32_t partition, Sequence expected, std::uint64_t found) {
  return error(ErrorCode::Corrupt, place(partition) + " has a gap: event " +
                                       std::to_string(expected.value) + " was expected, not " +
                                       std::to_string(found));
}

}  // namespace

Result<std::unique_ptr<Lane>> Lane::open(log::LogReader& log, Database& database, LaneId id,
                                         RowWatches& watches, const RunnerOptions& options) {
  std::unique_ptr<Lane> lane(new Lane(log, database, id, watches, options));
  auto progress = read_progress(database, id, log.partition_count());
  if (!progress) return std::move(progress).error();
  lane->progress_ = std::move(*progress);
  lane->moved_.assign(log.partition_count(), false);
  lane->cursors_.resize(log.partition_count());
  if (auto checked = lane->check_against_log(); !checked) return std::move(checked).error();
  lane->members_changed();
  return lane;
}

Status Lane::check_against_log() const {
  for (std::uint32_t p = 0; p < progress_.size(); ++p) {
    const Progress& at = progress_[p];
    if (at.commit.value == 0) continue;
    if (log_.durable_end(PartitionId(p)).last_commit < at.commit) {
      return error(ErrorCode::Corrupt, place(p) + " of the log ends before commit " +
                                           std::to_string(at.commit.value) +
                                           ", which was folded already: the log has lost data");
    }
    auto cursor = log_.read(PartitionId(p), at.commit);
    if (!cursor) return std::move(cursor).error();
    auto commit = (*cursor)->next();
    if (!commit) return std::move(commit).error();
    if (!*commit || (*commit)->hash() != at.hash) {
      return error(ErrorCode::Conflict, "the read models were built from another log (" + place(p) +
                                            ", commit " + std::to_string(at.commit.value) +
                                            " differs); delete them to build them anew");
    }
  }
  return {};
}

void Lane::add(Member member) {
  members_.push_back(std::move(member));
  members_changed();
}

void Lane::members_changed() {
  wanting_.assign(event_kinds_max, {});
  for (Member& member : members_) {
    if (!member.rows) continue;
    for (std::size_t kind = 0; kind < event_kinds_max; ++kind) {
      if (member.rows->definition().wants >> kind & 1) wanting_[kind].push_back(member.rows.get());
    }
  }
}

bool Lane::reached(const std::vector<log::CommitIndex>& target) const {
  for (std::size_t p = 0; p < progress_.size(); ++p) {
    if (progress_[p].commit != target[p]) return false;
  }
  return true;
}

void Lane::put_progress_as(Batch& batch, LaneId lane) const {
  for (std::uint32_t p = 0; p < progress_.size(); ++p) put_progress(batch, lane, p, progress_[p]);
}

Result<Lane::StepResult> Lane::step(const std::vector<log::CommitIndex>& target, FeedEvents* feed) {
  StepResult result;
  if (auto read = read_commits(target, feed, result); !read) return std::move(read).error();
  if (result.commits == 0) return result;
  if (auto written = write(result); !written) return std::move(written).error();
  return result;
}

bool Lane::is_late() const {
  std::uint64_t events = 0;
  for (std::uint32_t p = 0; p < progress_.size(); ++p) {
    events += log_.durable_end(PartitionId(p)).last_seq.value - progress_[p].seq.value;
  }
  return events > options_.batch_events_max;
}

Status Lane::read_commits(const std::vector<log::CommitIndex>& target, FeedEvents* feed,
                          StepResult& result) {
  const bool late = feed == nullptr && is_late();
  const std::size_t batches = late ? options_.batches_at_once_max : 1;
  const std::size_t events_max = batches * options_.batch_events_max;
  const std::size_t bytes_max = batches * options_.batch_bytes_max;
  const auto end =
      std::chrono::steady_clock::now() + batches * std::chrono::milliseconds(options_.batch_ms_max);
  const auto time_is_up = [&] {
    return options_.own_thread && std::chrono::steady_clock::now() >= end;
  };
  std::size_t bytes = 0;
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t p = 0; p < progress_.size(); ++p) {
      if (progress_[p].commit >= target[p]) continue;
      if (result.events >= events_max || bytes >= bytes_max ||
          (result.commits > 0 && time_is_up())) {
        return {};
      }
      auto folded = fold_commit(p, feed, result);
      if (!folded) return std::move(folded).error();
      bytes += *folded;
      more = true;
    }
  }
  return {};
}

Result<std::size_t> Lane::fold_commit(std::uint32_t partition, FeedEvents* feed,
                                      StepResult& result) {
  Progress& at = progress_[partition];
  auto& cursor = cursors_[partition];
  if (!cursor) {
    auto opened = log_.read(PartitionId(partition), at.commit.next());
    if (!opened) return std::move(opened).error();
    cursor = std::move(*opened);
  }
  auto next = cursor->next();
  if (!next) return std::move(next).error();
  if (!*next) {
    return error(ErrorCode::Corrupt, place(partition) + ", commit " +
                                         std::to_string(at.commit.next().value) +
                                         ": durable, but not there to read");
  }
  const log::CommitView& commit = **next;
  if (commit.first_seq() != at.seq.next()) {
    return gap(partition, at.seq.next(), commit.first_seq().value);
  }
  for (const log::Bytes event : commit.events()) {
    if (auto folded = fold_event(partition, event, feed, result); !folded) {
      return std::move(folded).error();
    }
  }
  at.commit = commit.index();
  at.hash = commit.hash();
  moved_[partition] = true;
  ++result.commits;
  result.recorded_at = commit.header().recorded_at;
  return commit.frame().size();
}

Status Lane::fold_event(std::uint32_t partition, log::Bytes bytes, FeedEvents* feed,
                        StepResult& result) {
  Progress& at = progress_[partition];
  if (options_.verify_events) {
    flatbuffers::Verifier verifier(bytes.data(), bytes.size());
    if (!verifier.VerifyBuffer<schema::Envelope>()) {
      return error(ErrorCode::Corrupt, place(partition) + ", event " +
                                           std::to_string(at.seq.next().value) +
                                           ": the bytes are no event");
    }
  }
  const schema::Envelope& envelope = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
  if (envelope.seq() != at.seq.next().value) return gap(partition, at.seq.next(), envelope.seq());
  if (envelope.partition() != partition) {
    return error(ErrorCode::Corrupt, place(partition) + ", event " +
                                         std::to_string(envelope.seq()) + " belongs to " +
                                         place(envelope.partition()));
  }
  at.seq = at.seq.next();
  ++result.events;
  const EventView event{envelope, Position{PartitionId(partition), at.seq},
                        text_of(envelope.aggregate_id())};
  const auto kind = static_cast<std::size_t>(envelope.payload_type());
  if (kind > static_cast<std::size_t>(schema::AnyEvent::MAX) || !envelope.payload()) {
    ++result.unknown_events;
  } else {
    for (ModelRows* model : wanting_[kind]) {
      if (auto folded = model->fold(event); !folded) return folded;
    }
  }
  if (feed) {
    feed->push_back(std::make_shared<FeedEvent>(
        FeedEvent{event.position, std::string(bytes.begin(), bytes.end())}));
  }
  return {};
}

Status Lane::write(StepResult& result) {
  batch_.clear();
  changed_.clear();
  const bool noted = id_ == live_lane && watches_.wanted();
  if (ORDERLOG_PLANTED(CheckpointAheadOfRows)) {
    for (std::uint32_t p = 0; p < progress_.size(); ++p) put_progress(batch_, id_, p, progress_[p]);
    if (auto written = database_.write(batch_); !written) return written;
    if (auto flushed = database_.flush(); !flushed) return flushed;
    batch_.clear();
  }
  for (Member& member : members_) {
    if (!member.rows) continue;
    if (member.rows->failed()) {
      const std::uint64_t before = member.rows->rows_written();
      std::vector<RowKey>* changed = nullptr;
      if (noted && watches_.wants(member.layout.model)) {
        changed = &changed_.emplace_back(member.layout.model, std::vector<RowKey>()).second;
      }
      if (auto collected = member.rows->collect(batch_, changed); !collected) return collected;
      result.rows_written += member.rows->rows_written() - before;
    } else if (member.layout.failure.empty()) {
      member.layout.failure = to_string(member.rows->failed().error());
      put_layout(batch_, member.layout);
    }
  }
  for (std::uint32_t p = 0; p < progress_.size(); ++p) {
    if (moved_[p]) put_progress(batch_, id_, p, progress_[p]);
    moved_[p] = false;
  }
  result.keys_written = batch_.changes();
  if (auto written = database_.write(batch_); !written) return written;
  if (id_ == live_lane) tell_watches(noted);
  for (Member& member : members_) {
    if (member.rows && member.rows->failed()) member.rows->written();
  }
  return {};
}

// Who began to watch while the batch was collected has missed its rows.
void Lane::tell_watches(bool noted) {
  if (!noted) watches_.unseen();
  for (const auto& [model, keys] : changed_) watches_.changed(model, keys);
}

}  // namespace orderlog::projections
