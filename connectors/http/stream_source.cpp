// A stream is live when it has seen exactly what the subscription gave; otherwise it reads the log
// up to there. Gaps in the subscription send everybody back to the log: nothing is ever skipped.
#include "connectors/http/stream_source.h"

#include <algorithm>

#include "events/codec/json_writer.h"

namespace orderlog::http {

namespace {

constexpr std::size_t take_events = 1'024;
constexpr std::size_t catch_up_events = 10'000;  // looked at in one step

const schema::Envelope& envelope_of(log::Bytes bytes) {
  return *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
}

}  // namespace

StreamSource::StreamSource(projections::Runner& runner, log::LogReader& log, StreamSink& sink,
                           std::size_t catch_up_bytes, std::function<void()> notify)
    : runner_(runner),
      log_(log),
      sink_(sink),
      catch_up_bytes_(catch_up_bytes),
      notify_(std::move(notify)) {}

std::size_t StreamSource::catching_up() const {
  return static_cast<std::size_t>(std::count_if(
      streams_.begin(), streams_.end(), [](const auto& entry) { return !entry.second.live; }));
}

bool StreamSource::subscribe() {
  if (subscription_) return true;
  projections::FeedOptions options;
  options.notify = notify_;
  auto subscribed = runner_.subscribe(std::move(options));
  if (!subscribed) return false;
  subscription_ = std::move(*subscribed);
  // Taken after subscribing: what is behind it will come, what is not is in the log.
  hub_ = runner_.applied();
  return true;
}

void StreamSource::unsubscribe() {
  all_catch_up();
  subscription_.reset();
}

void StreamSource::attach(StreamId id, StreamChoice choice,
                          std::vector<projections::Position> after) {
  if (!subscribe()) return sink_.end(id);
  Stream& stream = streams_[id];
  stream.choice = std::move(choice);
  stream.at = hub_;
  for (const projections::Position& position : after) {
    stream.at[position.partition.value] = position.seq;
  }
  stream.cursors.resize(hub_.size());
  stream.pending.resize(hub_.size());
  std::string text;
  append_position(text, stream.at);
  sink_.write({id}, std::move(text), false);
  if (stream.at == hub_) go_live(stream);
}

void StreamSource::detach(StreamId id) {
  streams_.erase(id);
  if (streams_.empty()) subscription_.reset();
}

void StreamSource::ready(StreamId id) {
  const auto found = streams_.find(id);
  if (found != streams_.end()) found->second.ready = true;
}

void StreamSource::go_live(Stream& stream) {
  stream.live = true;
  for (auto& pending : stream.pending) pending.reset();
  for (auto& cursor : stream.cursors) cursor.reset();
}

void StreamSource::all_catch_up() {
  publish();
  for (auto& [id, stream] : streams_) {
    if (!stream.live) continue;
    stream.live = false;
    stream.at = hub_;
  }
}

bool StreamSource::step() {
  if (streams_.empty()) return false;
  if (!subscribe()) {
    for (const auto& [id, stream] : streams_) sink_.end(id);
    streams_.clear();
    return false;
  }
  take_live();
  publish();
  bool again = false;
  for (auto it = streams_.begin(); it != streams_.end();) {
    const auto at = it++;  // a stream that fails is erased
    if (!at->second.live && at->second.ready && catch_up(at->first, at->second)) again = true;
  }
  return again;
}

void StreamSource::take_live() {
  for (std::size_t round = 0; round < 8; ++round) {
    auto taken = subscription_->take(take_events);
    if (!taken) {  // too slow, or the runner stopped: the log has what is missing
      unsubscribe();
      if (subscribe()) continue;
      return;
    }
    for (const auto& event : *taken) take(*event);
    if (taken->size() < take_events) return;
  }
  notify_();  // there may be more
}

void StreamSource::take(const projections::FeedEvent& event) {
  Sequence& seen = hub_[event.position.partition.value];
  if (event.position.seq <= seen) return;
  if (event.position.seq != seen.next()) all_catch_up();
  seen = event.position.seq;
  const std::string_view type = codec::event_type(event.envelope());
  std::string text;
  for (const auto& [id, stream] : streams_) {
    if (!stream.live || !chooses(stream.choice, type)) continue;
    if (text.empty()) {
      append_event(text, event.envelope(), hub_);
      ++events_written_;
    }
    texts_.try_emplace(stream.choice);
  }
  if (text.empty()) return;
  for (auto& [choice, all] : texts_) {
    if (chooses(choice, type)) all += text;
  }
}

void StreamSource::publish() {
  for (auto& [choice, text] : texts_) {
    std::vector<StreamId> to;
    for (const auto& [id, stream] : streams_) {
      if (stream.live && stream.choice == choice) to.push_back(id);
    }
    if (!to.empty() && !text.empty()) sink_.write(std::move(to), std::move(text), false);
  }
  texts_.clear();
}

Result<std::optional<std::size_t>> StreamSource::oldest(Stream& stream) {
  std::optional<std::size_t> best;
  for (std::size_t p = 0; p < hub_.size(); ++p) {
    if (stream.at[p] >= hub_[p]) continue;
    const PartitionId partition(static_cast<std::uint32_t>(p));
    if (!stream.cursors[p]) {
      auto from = log_.commit_of(partition, stream.at[p].next());
      if (!from) return from.error();
      auto cursor = log_.read(partition, *from);
      if (!cursor) return cursor.error();
      stream.cursors[p] = std::move(*cursor);
      stream.pending[p].reset();
    }
    while (!stream.pending[p] || stream.pending[p]->last_seq() <= stream.at[p]) {
      auto next = stream.cursors[p]->next();
      if (!next) return next.error();
      stream.pending[p] = *next;
      if (!*next) break;
    }
    if (!stream.pending[p]) continue;
    const auto recorded_at = stream.pending[p]->header().recorded_at;
    if (!best || recorded_at < stream.pending[*best]->header().recorded_at) best = p;
  }
  return best;
}

// True: there is more to do for it right now.
bool StreamSource::catch_up(StreamId id, Stream& stream) {
  std::string text;
  std::size_t looked_at = 0;
  bool more = true;
  while (text.size() < catch_up_bytes_ && looked_at < catch_up_events) {
    auto next = oldest(stream);
    if (!next) {
      sink_.end(id);
      detach(id);
      return false;
    }
    if (!*next) {
      more = false;
      break;
    }
    const std::size_t p = **next;
    Sequence seq = stream.pending[p]->first_seq();
    for (const log::Bytes bytes : stream.pending[p]->events()) {
      if (seq > stream.at[p] && seq <= hub_[p]) {
        stream.at[p] = seq;
        ++looked_at;
        const schema::Envelope& event = envelope_of(bytes);
        if (chooses(stream.choice, codec::event_type(event))) {
          append_event(text, event, stream.at);
          ++events_written_;
        }
      }
      seq = seq.next();
      if (text.size() >= catch_up_bytes_) break;
    }
  }
  if (looked_at > 0 && text.empty()) append_position(text, stream.at);
  const bool wrote = !text.empty();
  if (stream.at == hub_) go_live(stream);
  if (wrote) {
    stream.ready = false;
    sink_.write({id}, std::move(text), true);
  }
  return more && !stream.live && stream.ready;
}

void StreamSource::heartbeat() {
  std::vector<StreamId> live;
  std::vector<StreamId> others;
  for (const auto& [id, stream] : streams_) (stream.live ? live : others).push_back(id);
  std::string text = ":\n";
  if (!live.empty()) {
    append_position(text, hub_);
    sink_.write(std::move(live), std::move(text), false);
  }
  if (!others.empty()) sink_.write(std::move(others), ":\n\n", false);
}

}  // namespace orderlog::http
