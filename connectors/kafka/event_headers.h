// The headers of an event's record: CloudEvents 1.0, Kafka binding, binary mode. The value beside
// them is the Envelope as it is in the log, the key is the aggregate's id; so kcat and every
// CloudEvents library can read who, what, when and where without FlatBuffers.
//
// In this order; what the event does not have (an id that is nil, an aggregate without an id, a
// time outside of the years 0 to 9999) is left out, since no attribute may be empty:
//   ce_specversion    1.0                          ce_sequence       00000000000000000042
//   ce_id             the event's id               ce_correlationid  of the business transaction
//   ce_source         /orderlog/partitions/0       ce_causationid    the event or command before
//   ce_type           orderlog.OrderReleased.v1    ce_recordedtime   stamped at commit
//   ce_time           business time                ce_partitionkey   the aggregate's id
//   ce_subject        the aggregate's id
//   ce_dataschema     urn:orderlog:schema:Envelope:v1
//   content-type      application/x-flatbuffers
// Times are RFC 3339 in UTC to the microsecond. The sequence is that of the partition, gap-free,
// and as wide as the largest, so that it sorts as text. (source, id) and (source, sequence) are
// unique.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "connectors/kafka/media_type.h"
#include "connectors/kafka/record.h"
#include "events/base/time.h"
#include "events/base/uuid.h"

namespace orderlog::schema {
struct Envelope;
}  // namespace orderlog::schema

namespace orderlog::kafka {

inline constexpr std::size_t event_headers_max = 13;

// Made once and used for every event: after the first it allocates nothing. One thread at a time.
class EventHeaders {
 public:
  // `media_type`: of the values beside the headers; must outlive this.
  explicit EventHeaders(std::string_view media_type = flatbuffers_media_type);
  EventHeaders(const EventHeaders&) = delete;
  EventHeaders& operator=(const EventHeaders&) = delete;

  // Of a verified envelope. Valid until the next call and as long as the envelope: its texts are
  // borrowed. An event that this schema does not know has the type orderlog.Unknown.v<n>.
  std::span<const Header> fill(const schema::Envelope& event);

 private:
  void add(std::string_view name, std::string_view value);
  void add_id(std::string_view name, const Uuid* id);
  void add_time(std::string_view name, TimestampUs at);
  // What was appended to text_ since `from`.
  std::string_view since(std::size_t from) const { return std::string_view(text_).substr(from); }

  const std::string_view media_type_;
  std::array<Header, event_headers_max> headers_;
  std::size_t count_ = 0;
  std::string text_;
};

}  // namespace orderlog::kafka
