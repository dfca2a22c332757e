#include "tests/simulation/oracle.h"

#include <cstdio>
#include <cstring>

namespace orderlog::sim {
namespace {

constexpr std::size_t violations_max = 20;
// A commit takes the time of its first event; it stays open while others are under way.
constexpr std::int64_t commit_open_us_max = 10'000'000;

std::uint64_t first_bytes(const Hash256& hash) {
  std::uint64_t value = 0;
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

}  // namespace

Oracle::Oracle(const Profile& profile, bool tell_events)
    : tell_events_(tell_events),
      books_(profile.partitions, profile.clock_pace * commit_open_us_max) {
  for (std::uint32_t p = 0; p < profile.partitions; ++p)
    ends_.push_back(log::empty_end(PartitionId(p), profile.partitions));
}

// FNV-1a, a word at a time.
void Oracle::trace(std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001b3ULL; }

void Oracle::blame(std::string what) {
  if (violations_.size() < violations_max) violations_.push_back(std::move(what));
}

void Oracle::take(PartitionId partition, log::Bytes frame, std::int64_t now_us) {
  log::LogEnd& end = ends_[partition.value];
  const std::string where = "partition " + std::to_string(partition.value) + ", commit " +
                            std::to_string(end.last_commit.value + 1) + ": ";
  auto commit = log::CommitView::parse(frame);
  if (!commit) return blame(where + commit.error().message);
  if (commit->index() != end.last_commit.next() || commit->header().prev_hash != end.last_hash ||
      commit->first_seq() != end.last_seq.next() || commit->header().term < end.term) {
    blame(where + "does not follow the one before");
  }
  if (!commit->verify_hash()) blame(where + "the hash does not match");
  end = commit->end();
  trace(first_bytes(end.last_hash));
  std::set<Uuid, UuidLess> here;
  for (const auto bytes : commit->events()) {
    const auto& event = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
    ++events_;
    if (auto wrong = books_.apply(event); !wrong.empty()) blame(where + wrong);
    if (tell_events_) {
      std::printf(
          "%10lld us %u:%llu c%llu t%llu %s %s v%llu command %s cause %s%s\n",
          static_cast<long long>(now_us), partition.value,
          static_cast<unsigned long long>(event.seq()),
          static_cast<unsigned long long>(commit->index().value),
          static_cast<unsigned long long>(commit->header().term.value),
          std::string(runtime::event_type_name(event)).c_str(), event.aggregate_id()->c_str(),
          static_cast<unsigned long long>(event.aggregate_version()),
          orderlog::to_string(*event.command_id()).c_str(),
          orderlog::to_string(*event.causation_id()).c_str(), books_.describe(event).c_str());
    }
    if (event.command_fingerprint() == 0) continue;
    const Uuid id = *event.command_id();
    auto [found, fresh] = decided_.try_emplace(id, Decision{partition, now_us, 0, {}});
    if (fresh) here.insert(id);
    if (!fresh && !here.contains(id)) blame(where + "decides a command a second time");
    found->second.version = event.aggregate_version();
    found->second.events.push_back(*event.event_id());
  }
  for (const auto entry : commit->outbox()) {
    auto& sent = sent_[{partition.value, entry.target.value}];
    if (entry.sequence.value != ++sent) blame(where + "a gap in the outbox");
  }
  for (const auto position : commit->inbox()) {
    if (position.source.value >= ends_.size()) continue;
    auto& consumed = consumed_[{position.source.value, partition.value}];
    if (position.consumed.value < consumed) blame(where + "the inbox goes back");
    consumed = position.consumed.value;
  }
}

Attempt Oracle::attempt(const Operation& operation, bool altered, std::int64_t now_us) const {
  const auto known = acknowledged_.find(operation.aggregate);
  return {now_us, known == acknowledged_.end() ? 0 : known->second, altered};
}

void Oracle::hear(const Operation& operation, const Attempt& attempt, const runtime::Answer& answer,
                  std::int64_t now_us) {
  trace(static_cast<std::uint64_t>(now_us));
  trace(static_cast<std::uint64_t>(answer.outcome) * 1'000'003 + answer.version);
  const auto decision = decided_.find(operation.id);
  const bool decided = decision != decided_.end();
  const std::string who = operation.aggregate + ": ";
  switch (answer.outcome) {
    case runtime::Outcome::Accepted:
      if (attempt.altered && decided)
        return blame(who + "a reused id with another body was accepted");
      return check_decision(operation, attempt, answer);
    case runtime::Outcome::Rejected:
      if (decided && decision->second.durable_us < attempt.sent_us && !attempt.altered)
        blame(who + "accepted once (durable at " + std::to_string(decision->second.durable_us) +
              " us), then sent again at " + std::to_string(attempt.sent_us) +
              " us and rejected at " + std::to_string(now_us) +
              " us: " + (answer.rejection ? answer.rejection->detail : ""));
      return;
    case runtime::Outcome::KeyReused:
      if (!attempt.altered) blame(who + "called a reused id, and was not");
      return;
    case runtime::Outcome::Unavailable:
    case runtime::Outcome::Stopping:
    case runtime::Outcome::NotLeading:
    case runtime::Outcome::Unknown:
      return;
  }
}

void Oracle::check_decision(const Operation& operation, const Attempt& attempt,
                            const runtime::Answer& answer) {
  if (answer.events.empty()) return;
  const std::string who = operation.aggregate + ": ";
  const auto found = decided_.find(operation.id);
  if (found == decided_.end()) return blame(who + "acknowledged, and not in the durable log");
  const Decision& decision = found->second;
  bool same = decision.version == answer.version && decision.partition == answer.partition &&
              decision.events.size() == answer.events.size();
  for (std::size_t i = 0; same && i < decision.events.size(); ++i)
    same = decision.events[i] == answer.events[i].event_id;
  if (!same) return blame(who + "the answer is not what the log says");
  // Sent after another one was acknowledged: decided after it (linearizability of one aggregate).
  if (!answer.replayed && decision.durable_us >= attempt.sent_us &&
      decision.version <= attempt.version_floor)
    blame(who + "decided before what was acknowledged earlier");
  auto& version = acknowledged_[operation.aggregate];
  version = std::max(version, decision.version);
}

}  // namespace orderlog::sim
