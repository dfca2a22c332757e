#include "connectors/kafka/event_headers.h"

#include "connectors/kafka/media_type.h"
#include "events/base/ensure.h"
#include "events/codec/json_text.h"
#include "events/codec/json_writer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::kafka {

namespace {

// More than all values that are not borrowed; the longest is the type's.
constexpr std::size_t text_bytes_max = 1'024;
constexpr std::size_t sequence_digits = 20;  // of 2^64 − 1

void append_padded(std::string& out, std::uint64_t value) {
  char digits[sequence_digits];
  for (std::size_t i = sequence_digits; i-- > 0; value /= 10) {
    digits[i] = static_cast<char>('0' + value % 10);
  }
  out.append(digits, sequence_digits);
}

// The codec quotes its times and ids.
std::string_view unquoted(std::string_view text) { return text.substr(1, text.size() - 2); }

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view{} : std::string_view(text->c_str(), text->size());
}

}  // namespace

EventHeaders::EventHeaders(std::string_view media_type) : media_type_(media_type) {
  text_.reserve(text_bytes_max);
}

void EventHeaders::add(std::string_view name, std::string_view value) {
  if (!value.empty()) headers_[count_++] = {name, value};
}

void EventHeaders::add_id(std::string_view name, const Uuid* id) {
  if (id == nullptr || is_nil(*id)) return;
  const std::size_t from = text_.size();
  codec::append_uuid(text_, id->hi(), id->lo());
  add(name, unquoted(since(from)));
}

void EventHeaders::add_time(std::string_view name, TimestampUs at) {
  if (at < timestamp_min || at > timestamp_max) return;
  const std::size_t from = text_.size();
  codec::append_timestamp(text_, at);
  add(name, unquoted(since(from)));
}

std::span<const Header> EventHeaders::fill(const schema::Envelope& event) {
  const char* const memory = text_.data();
  count_ = 0;
  text_.clear();
  const std::string_view aggregate_id = text_of(event.aggregate_id());

  add("ce_specversion", "1.0");
  add_id("ce_id", event.event_id());
  std::size_t from = text_.size();
  codec::append_unsigned(text_.append("/orderlog/partitions/"), event.partition());
  add("ce_source", since(from));
  from = text_.size();
  text_.append("orderlog.").append(codec::event_type(event)).append(".v");
  codec::append_unsigned(text_, event.schema_version());
  add("ce_type", since(from));
  add_time("ce_time", event.occurred_at());
  add("ce_subject", aggregate_id);
  from = text_.size();
  codec::append_unsigned(text_.append("urn:orderlog:schema:Envelope:v"), event.schema_version());
  add("ce_dataschema", since(from));
  add(content_type_header, media_type_);
  from = text_.size();
  append_padded(text_, event.seq());
  add("ce_sequence", since(from));
  add_id("ce_correlationid", event.correlation_id());
  add_id("ce_causationid", event.causation_id());
  add_time("ce_recordedtime", event.recorded_at());
  add("ce_partitionkey", aggregate_id);

  ORDERLOG_ENSURE(text_.data() == memory, "the headers of an event outgrew their memory");
  return {headers_.data(), count_};
}

}  // namespace orderlog::kafka
