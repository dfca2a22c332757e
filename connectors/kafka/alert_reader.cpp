#include "connectors/kafka/alert_reader.h"

#include "events/codec/json_writer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::kafka {
namespace {

bool is_alert(const schema::Envelope& event) {
  const auto* order = event.payload_as_OrderEvents();
  return order != nullptr && (order->event_type() == schema::OrderEvent::DeliveryDelayed ||
                              order->event_type() == schema::OrderEvent::DelayCleared);
}

}  // namespace

AlertReader::AlertReader(log::LogReader& log, std::vector<Sequence> after)
    : log_(log), at_(std::move(after)), cursors_(at_.size()) {}

Result<log::CommitCursor*> AlertReader::cursor_of(PartitionId partition) {
  auto& cursor = cursors_[partition.value];
  if (!cursor) {
    const auto commit = log_.commit_of(partition, at_[partition.value].next());
    if (!commit) return commit.error();
    auto opened = log_.read(partition, *commit);
    if (!opened) return opened.error();
    cursor = std::move(*opened);
  }
  return cursor.get();
}

Result<bool> AlertReader::read(const std::vector<Sequence>& until, std::size_t events_max,
                               const Take& take) {
  std::size_t events = 0;
  for (std::uint32_t p = 0; p < at_.size(); ++p) {
    while (at_[p] < until[p]) {
      if (events >= events_max) return true;
      const auto cursor = cursor_of(PartitionId(p));
      if (!cursor) return cursor.error();
      const auto commit = (*cursor)->next();
      if (!commit) return commit.error();
      if (!*commit) {
        return error(ErrorCode::Corrupt, "partition " + std::to_string(p) + ", event " +
                                             std::to_string(at_[p].next().value) +
                                             ": durable, but not there to read");
      }
      Sequence seq = (*commit)->first_seq();
      for (const log::Bytes bytes : (*commit)->events()) {
        const auto& event = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
        if (seq > at_[p] && is_alert(event)) {
          value_.clear();
          codec::write_envelope(value_, event);
          const auto id = flatbuffers::GetStringView(event.aggregate_id());
          if (auto taken = take(id, value_, headers_.fill(event)); !taken) return taken.error();
        }
        at_[p] = std::max(at_[p], seq);
        seq = seq.next();
        ++events;
      }
    }
  }
  return false;
}

}  // namespace orderlog::kafka
