#include "connectors/kafka/publishing_session.h"

#include <algorithm>
#include <array>

#include "connectors/kafka/media_type.h"
#include "connectors/kafka/record.h"
#include "connectors/kafka/whole_topic.h"
#include "events/base/hash.h"
#include "events/codec/json_writer.h"
#include "events/codec/schema_registry.h"

namespace orderlog::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;
using projections::RowWatch;
using projections::SnapshotRow;

constexpr std::uint32_t idle_wait_ms = 100;       // how late a stop may be noticed
constexpr std::size_t alert_events_max = 50'000;  // looked at before the rows have their turn

log::Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool reached(const std::vector<Sequence>& position, const std::vector<Sequence>& target) {
  return std::equal(position.begin(), position.end(), target.begin(), target.end(),
                    [](Sequence is, Sequence wanted) { return is >= wanted; });
}

void write_row_json(std::string& out, const std::string& table, const std::string& row) {
  const codec::TableInfo* info = codec::SchemaRegistry::builtin().table(table);
  ORDERLOG_ENSURE(info != nullptr, "the rows of a report have a table in the schema");
  codec::write_row(out, *info, *flatbuffers::GetRoot<flatbuffers::Table>(row.data()));
}

}  // namespace

// ---- the beginning: what is in the topics, and what should be -----------------------------------

Result<std::unique_ptr<PublishingSession>> PublishingSession::open(Publisher& publisher) {
  std::unique_ptr<PublishingSession> session(new PublishingSession(publisher));
  const PublisherOptions& options = publisher.options_;
  // Who has no rows yet must not stop the publisher that has.
  for (const auto& view : options.views) {
    if (auto served = publisher.runner_.row_snapshot(view.report); !served) return served.error();
  }
  auto sender = log::kafka::TransactionalSender::open(options.sender);
  if (!sender) return sender.error();
  session->sender_ = std::move(*sender);
  auto position =
      read_position(options.sender.client, options.position_topic, publisher.log_.partition_count(),
                    options.sender.request_timeout_ms, [&] { return publisher.go_on(); });
  if (!position) return position.error();
  session->position_ = session->written_ = std::move(*position);
  session->written_at_ = SteadyClock::now();
  session->alerts_.emplace(publisher.log_, session->position_.alerts);
  if (auto status = session->await_rows(); !status) return status.error();
  if (auto status = session->compare_all(); !status) return status.error();
  return session;
}

// A node whose copy is behind would publish older rows than the one before has published.
Status PublishingSession::await_rows() {
  std::vector<std::string> reports;
  for (const auto& view : publisher_.options_.views) reports.push_back(view.report);
  auto watch = publisher_.runner_.watch_rows(reports);
  if (!watch) return watch.error();
  watch_ = std::move(*watch);
  const auto deadline =
      SteadyClock::now() + std::chrono::milliseconds(publisher_.options_.sender.request_timeout_ms);
  const auto behind = [this] {
    const auto applied = publisher_.runner_.applied();
    return !reached(applied, position_.rows) || !reached(applied, position_.alerts);
  };
  while (behind()) {
    if (!publisher_.go_on()) return error(ErrorCode::Unavailable, "stopping");
    if (SteadyClock::now() >= deadline) {
      return error(ErrorCode::Unavailable,
                   "the read models here are behind what is published already; is " +
                       publisher_.options_.position_topic + " that of another log?");
    }
    watch_->wait(idle_wait_ms);
  }
  return {};
}

Status PublishingSession::compare_all() {
  for (const auto& view : publisher_.options_.views) {
    if (auto status = compare(view); !status) return status;
  }
  return commit();
}

Result<PublishingSession::KnownRows> PublishingSession::known_rows(const std::string& topic) {
  KnownRows known;
  const auto& sender = publisher_.options_.sender;
  const auto visit = [&](const log::kafka::TopicRecord& record) {
    if (record.key.empty()) return;
    const std::string key(as_text(record.key));
    if (record.value.data() == nullptr) {
      known.erase(key);
      return;
    }
    std::string& fingerprint = known[key];
    fingerprint.clear();
    for (const auto& [name, value] : record.headers) {
      if (name == row_header) fingerprint = value;
    }
  };
  auto status = read_whole_topic(
      sender.client, topic, sender.request_timeout_ms, [this] { return publisher_.go_on(); },
      visit);
  if (!status) return status.error();
  return known;
}

Status PublishingSession::compare(const PublishedView& view) {
  auto known = known_rows(view.topic);
  if (!known) return known.error();
  const auto snapshot = publisher_.runner_.row_snapshot(view.report);
  if (!snapshot) return snapshot.error();
  rows_stand_for((*snapshot)->position());
  Status published;
  const auto visit = [&](std::string_view key, const SnapshotRow& row) {
    const std::string print = fingerprint(view.row_table, row);
    const auto found = known->find(std::string(key));
    const bool same = found != known->end() && found->second == print;
    if (found != known->end()) known->erase(found);
    if (!same) published = put_row(view, key, row, print);
    return published.ok() && publisher_.go_on();
  };
  if (auto status = (*snapshot)->each(publisher_.as_of_.now(), visit); !status) return status;
  if (!published) return published;
  if (!publisher_.go_on()) return error(ErrorCode::Unavailable, "stopping");
  for (const auto& [key, print] : *known) {
    if (!publisher_.go_on()) return error(ErrorCode::Unavailable, "stopping");
    if (auto status = put_row(view, key, std::nullopt, {}); !status) return status;
  }
  return {};
}

// ---- what changes -------------------------------------------------------------------------------

Status PublishingSession::step() {
  // What is folded by now is waiting in the watch by now.
  const auto folded = publisher_.runner_.applied();
  auto names = watch_->take(publisher_.options_.transaction_records_max);
  if (!names && names.error().code == ErrorCode::Overflow) {
    if (auto status = compare_all(); !status) return status;
    names = watch_->take(publisher_.options_.transaction_records_max);
  }
  if (!names) return names.error();
  if (auto status = publish_rows(*names); !status) return status;
  const auto more_alerts = publish_alerts(folded);
  if (!more_alerts) return more_alerts.error();
  const bool done = watch_->waiting() == 0 && !*more_alerts;
  const bool due = !(position_ == written_) &&
                   SteadyClock::now() - written_at_ >=
                       std::chrono::milliseconds(publisher_.options_.position_interval_ms);
  const bool worked = record_count_ > 0;
  if (worked || due) {
    if (auto status = commit(); !status) return status;
  }
  tell(done ? &folded : nullptr);
  if (!worked && done) watch_->wait(idle_wait_ms);
  return {};
}

// True: there are more.
Result<bool> PublishingSession::publish_alerts(const std::vector<Sequence>& until) {
  if (publisher_.options_.alerts_topic.empty()) {
    position_.alerts = until;
    return false;
  }
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  const auto more = alerts_->read(
      until, alert_events_max,
      [&](std::string_view key, std::string_view value, std::span<const Header> given) {
        headers.clear();
        for (const auto& [name, text] : given) headers.emplace_back(name, text);
        return add(publisher_.options_.alerts_topic, key, bytes_of(value), headers);
      });
  if (more) position_.alerts = alerts_->position();
  return more;
}

Status PublishingSession::publish_rows(const std::vector<RowWatch::Name>& names) {
  const TimestampUs as_of = publisher_.as_of_.now();
  for (std::uint32_t v = 0; v < publisher_.options_.views.size(); ++v) {
    const PublishedView& view = publisher_.options_.views[v];
    if (std::none_of(names.begin(), names.end(), [&](const auto& n) { return n.first == v; }))
      continue;
    const auto snapshot = publisher_.runner_.row_snapshot(view.report);
    if (!snapshot) return snapshot.error();
    rows_stand_for((*snapshot)->position());
    for (const auto& [number, key] : names) {
      if (number != v) continue;
      const auto row = (*snapshot)->row(key, as_of);
      if (!row) return row.error();
      const std::string print = *row ? fingerprint(view.row_table, **row) : std::string();
      if (auto status = put_row(view, key, *row, print); !status) return status;
    }
  }
  return {};
}

// ---- records ------------------------------------------------------------------------------------

std::string PublishingSession::fingerprint(const std::string& table, const SnapshotRow& row) {
  json_.clear();
  write_row_json(json_, table, row.stored);
  const std::uint64_t print = fingerprint64(json_);
  std::array<std::uint8_t, sizeof print> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(print >> (8 * (bytes.size() - 1 - i)));
  return to_hex(bytes);
}

Status PublishingSession::put_row(const PublishedView& view, std::string_view key,
                                  const std::optional<SnapshotRow>& row,
                                  std::string_view fingerprint) {
  json_.clear();
  if (row) write_row_json(json_, view.row_table, row->shown);
  const std::array<std::pair<std::string_view, std::string_view>, 2> headers{
      {{content_type_header, json_media_type}, {row_header, fingerprint}}};
  if (key.size() + json_.size() > publisher_.options_.record_bytes_max) {
    const std::lock_guard lock(publisher_.mutex_);
    ++publisher_.stats_.too_large;
    return {};
  }
  const auto added =
      row ? add(view.topic, key, bytes_of(json_), headers) : add(view.topic, key, {}, {});
  if (!added) return added;
  // While views are compared, nothing else bounds a transaction.
  return record_count_ >= publisher_.options_.transaction_records_max ||
                 bytes_ >= publisher_.options_.transaction_bytes_max
             ? commit()
             : Status();
}

Status PublishingSession::add(
    const std::string& topic, std::string_view key, log::Bytes value,
    std::span<const std::pair<std::string_view, std::string_view>> headers) {
  log::kafka::OutgoingRecord record;
  record.topic = topic;
  record.key = bytes_of(key);
  record.value = value;
  record.headers = headers;
  if (auto status = sender_->add(record); !status) return status;
  ++records_[topic];
  ++record_count_;
  bytes_ += key.size() + value.size();
  return {};
}

Status PublishingSession::commit() {
  if (record_count_ == 0 && position_ == written_) return {};
  const std::string text = position_text(position_);
  log::kafka::OutgoingRecord record;
  record.topic = publisher_.options_.position_topic;
  record.partition = 0;
  record.key = bytes_of(position_key);
  record.value = bytes_of(text);
  if (auto status = sender_->add(record); !status) return status;
  if (auto status = sender_->finish(); !status) return status;
  written_ = position_;
  written_at_ = SteadyClock::now();
  const std::lock_guard lock(publisher_.mutex_);
  ++publisher_.stats_.transactions;
  for (const auto& [topic, count] : records_) publisher_.stats_.records[topic] += count;
  records_.clear();
  record_count_ = bytes_ = 0;
  return {};
}

// Views are looked at one after the other, each a little later than the one before.
void PublishingSession::rows_stand_for(const std::vector<Sequence>& position) {
  for (std::size_t p = 0; p < position.size(); ++p)
    position_.rows[p] = std::max(position_.rows[p], position[p]);
}

// `through`: all that follows from events up to there is published; null: as before.
void PublishingSession::tell(const std::vector<Sequence>* through) {
  const std::lock_guard lock(publisher_.mutex_);
  if (through != nullptr) publisher_.through_ = *through;
  publisher_.stats_.rows_waiting = watch_->waiting();
  if (publisher_.lag_events() == 0) publisher_.caught_up_ = SteadyClock::now();
}

}  // namespace orderlog::kafka
