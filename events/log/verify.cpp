// Walks a log and stops, for each partition, at the first commit that is not what it should be:
// whatever follows a broken link proves nothing.
#include "events/log/verify.h"

#include <map>
#include <string>
#include <utility>

#include "events/log/version_table.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::log {
namespace {

// Why a commit is bad, and at which event if one is to blame.
struct Fault {
  std::string reason;
  std::optional<Sequence> seq;
};
using Verdict = std::optional<Fault>;

std::string differs(const char* what, std::uint64_t is, std::uint64_t expected) {
  return std::string(what) + " is " + std::to_string(is) + ", expected " + std::to_string(expected);
}

using Pair = std::pair<std::uint32_t, std::uint32_t>;  // (source, target)

struct Consumed {
  InboxPosition position;
  CommitIndex commit;  // of the target, that says so
};

class Verifier {
 public:
  Verifier(LogReader& log, const VerifyOptions& options) : log_(log), options_(options) {}

  Result<VerifyReport> run() {
    for (std::uint32_t p = 0; p < log_.partition_count(); ++p) {
      if (auto walked = walk(PartitionId(p)); !walked) return std::move(walked).error();
    }
    for (const auto& [pair, consumed] : consumed_) check_sent(pair, consumed);
    for (auto& [partition, bad] : bad_) report_.bad.push_back(std::move(bad));
    return std::move(report_);
  }

 private:
  Status walk(PartitionId partition);
  Verdict check_commit(const StoredFrame& stored, const LogEnd& after, PartitionId partition);
  Verdict check_place(const CommitView& commit, const LogEnd& after, PartitionId partition) const;
  Verdict check_outbox(const CommitView& commit);
  Verdict check_inbox(const CommitView& commit);
  Verdict check_event(const CommitView& commit, Bytes event, Sequence seq);
  void check_sent(const Pair& pair, const Consumed& consumed);
  void blame(PartitionId partition, CommitIndex index, Sequence seq, std::string reason) {
    bad_.try_emplace(partition, BadCommit{partition, index, seq, std::move(reason)});
  }

  LogReader& log_;
  const VerifyOptions& options_;
  VerifyReport report_;
  VersionTable versions_;  // of the partition being walked: an aggregate lives on one
  std::map<PartitionId, BadCommit> bad_;
  std::map<Pair, OutboxSequence> sent_;
  std::map<Pair, Consumed> consumed_;
};

Status Verifier::walk(PartitionId partition) {
  versions_.clear();
  report_.ends.push_back(empty_end(partition, log_.partition_count()));
  LogEnd& end = report_.ends.back();
  const CommitIndex last = log_.durable_end(partition).last_commit;
  auto cursor = log_.read(partition, CommitIndex(1));
  if (!cursor) return std::move(cursor).error();
  while (end.last_commit < last) {
    const CommitIndex index = end.last_commit.next();
    const auto stored = (*cursor)->next_frame();
    Verdict fault;
    if (!stored) {
      if (stored.error().code == ErrorCode::Io) return stored.error();
      fault = Fault{"unreadable: " + stored.error().message, {}};
    } else if (!*stored) {
      fault = Fault{"missing, though the log goes on to " + std::to_string(last.value), {}};
    } else if ((*stored)->index != index) {
      fault = Fault{"missing, the next one is " + std::to_string((*stored)->index.value), {}};
    } else {
      fault = check_commit(**stored, end, partition);
    }
    if (fault) {
      blame(partition, index, fault->seq.value_or(end.last_seq.next()), std::move(fault->reason));
      return {};
    }
    end = CommitView::parse((*stored)->frame)->end();
  }
  return {};
}

Verdict Verifier::check_commit(const StoredFrame& stored, const LogEnd& after,
                               PartitionId partition) {
  const auto parsed = CommitView::parse(stored.frame);
  if (!parsed) return Fault{parsed.error().message, {}};
  const CommitView& commit = *parsed;
  if (auto fault = check_place(commit, after, partition)) return fault;
  if (auto fault = check_outbox(commit)) return fault;
  if (auto fault = check_inbox(commit)) return fault;
  Sequence seq = commit.first_seq();
  for (const Bytes event : commit.events()) {
    if (auto fault = check_event(commit, event, seq)) return fault;
    seq = seq.next();
  }
  report_.commits += 1;
  report_.events += commit.header().event_count;
  report_.outbox_entries += commit.header().outbox_count;
  report_.bytes += stored.frame.size();
  if (options_.on_commit) options_.on_commit(commit);
  return {};
}

Verdict Verifier::check_place(const CommitView& commit, const LogEnd& after,
                              PartitionId partition) const {
  const CommitHeader& header = commit.header();
  if (!commit.verify_hash()) return Fault{"the hash does not match the bytes", {}};
  if (header.partition != partition) {
    return Fault{differs("partition", header.partition.value, partition.value), {}};
  }
  if (header.index != after.last_commit.next()) {
    return Fault{differs("commit index", header.index.value, after.last_commit.value + 1), {}};
  }
  if (header.prev_hash != after.last_hash) {
    return Fault{"does not link to the commit before it", {}};
  }
  if (header.first_seq != after.last_seq.next()) {
    return Fault{differs("first sequence", header.first_seq.value, after.last_seq.value + 1), {}};
  }
  if (header.term < after.term) {
    return Fault{"term falls from " + std::to_string(after.term.value) + " to " +
                     std::to_string(header.term.value),
                 {}};
  }
  return {};
}

Verdict Verifier::check_outbox(const CommitView& commit) {
  for (const OutboxEntry entry : commit.outbox()) {
    if (entry.target.value >= log_.partition_count()) {
      return Fault{"outbox entry for partition " + std::to_string(entry.target.value) +
                       ", which does not exist",
                   {}};
    }
    OutboxSequence& sent = sent_[{commit.partition().value, entry.target.value}];
    if (entry.sequence != sent.next()) {
      return Fault{differs("outbox number", entry.sequence.value, sent.value + 1) +
                       " for partition " + std::to_string(entry.target.value),
                   {}};
    }
    sent = entry.sequence;
    flatbuffers::Verifier bytes(entry.command.data(), entry.command.size());
    if (!bytes.VerifyBuffer<schema::CommandEnvelope>(nullptr)) {
      return Fault{"outbox entry " + std::to_string(entry.sequence.value) + " for partition " +
                       std::to_string(entry.target.value) + " is not a valid CommandEnvelope",
                   {}};
    }
  }
  return {};
}

Verdict Verifier::check_inbox(const CommitView& commit) {
  for (const InboxPosition position : commit.inbox()) {
    const auto [at, is_first] =
        consumed_.try_emplace(Pair{position.source.value, commit.partition().value});
    const InboxPosition& before = at->second.position;
    if (position.consumed < before.consumed || position.source_commit < before.source_commit ||
        (!is_first && position == before)) {
      return Fault{"inbox position of partition " + std::to_string(position.source.value) +
                       " does not rise from " + std::to_string(before.consumed.value) + " to " +
                       std::to_string(position.consumed.value),
                   {}};
    }
    at->second = {position, commit.index()};
  }
  return {};
}

Verdict Verifier::check_event(const CommitView& commit, Bytes event, Sequence seq) {
  const auto fault = [&](std::string reason) { return Fault{std::move(reason), seq}; };
  flatbuffers::Verifier bytes(event.data(), event.size());
  if (!schema::VerifyEnvelopeBuffer(bytes)) return fault("the event is not a valid Envelope");
  const schema::Envelope& envelope = *schema::GetEnvelope(event.data());
  if (envelope.seq() != seq.value) {
    return fault(differs("the event's sequence", envelope.seq(), seq.value));
  }
  if (envelope.partition() != commit.partition().value) {
    return fault(differs("the event's partition", envelope.partition(), commit.partition().value));
  }
  if (envelope.term() != commit.header().term.value) {
    return fault(differs("the event's term", envelope.term(), commit.header().term.value));
  }
  if (envelope.payload_type() == schema::AnyEvent::NONE || envelope.payload() == nullptr) {
    return fault("the event has no payload");
  }
  if (envelope.aggregate_id() == nullptr) return fault("the event has no aggregate id");
  const auto* id = envelope.aggregate_id();
  std::uint32_t& version = versions_.version_of(static_cast<std::uint8_t>(envelope.payload_type()),
                                                {id->c_str(), id->size()});
  if (envelope.aggregate_version() != version + std::uint64_t{1}) {
    return fault(differs("the aggregate's version", envelope.aggregate_version(),
                         version + std::uint64_t{1}) +
                 " (" + id->str() + ")");
  }
  version = static_cast<std::uint32_t>(envelope.aggregate_version());
  if (options_.on_event) {
    if (auto refused = options_.on_event({commit.partition(), commit.index(), envelope})) {
      return fault(std::move(*refused));
    }
  }
  return {};
}

// What a partition has consumed, its source must have sent; if the source's log ends before, it has
// lost its tail.
void Verifier::check_sent(const Pair& pair, const Consumed& consumed) {
  const PartitionId source(pair.first);
  const PartitionId target(pair.second);
  if (source.value == log_.partition_count()) return;  // the partition's inbox topic
  if (source.value > log_.partition_count()) {
    return blame(
        target, consumed.commit, Sequence(0),
        "has consumed from partition " + std::to_string(source.value) + ", which does not exist");
  }
  if (bad_.contains(source)) return;  // read only in part
  const LogEnd& walked = report_.ends[source.value];
  const LogEnd durable = log_.durable_end(source);
  if (consumed.position.source_commit > durable.last_commit) {
    return blame(
        source, durable.last_commit.next(), durable.last_seq.next(),
        "missing: partition " + std::to_string(target.value) + " has consumed from commit " +
            std::to_string(consumed.position.source_commit.value) + ", the log has lost its tail");
  }
  // A log in use may have gone on since the source was walked.
  if (consumed.position.source_commit > walked.last_commit) return;
  if (consumed.position.consumed > sent_[pair]) {
    blame(target, consumed.commit, Sequence(0),
          "has consumed " + std::to_string(consumed.position.consumed.value) +
              " entries of partition " + std::to_string(source.value) + ", which has sent " +
              std::to_string(sent_[pair].value));
  }
}

}  // namespace

std::string to_string(const BadCommit& bad) {
  return "partition " + std::to_string(bad.partition.value) + ", commit " +
         std::to_string(bad.index.value) + ", sequence " + std::to_string(bad.seq.value) + ": " +
         bad.reason;
}

Result<VerifyReport> verify_log(LogReader& log, const VerifyOptions& options) {
  return Verifier(log, options).run();
}

}  // namespace orderlog::log
