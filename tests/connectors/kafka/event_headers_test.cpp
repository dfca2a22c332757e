// What the outside reads of an event without FlatBuffers.
#include "connectors/kafka/event_headers.h"

#include <gtest/gtest.h>

#include <map>

#include "events/codec/json_text.h"
#include "events/codec/sample.h"
#include "events/codec/schema_registry.h"
#include "events/schema/envelope_generated.h"
#include "tests/connectors/kafka/record_builder.h"

namespace orderlog::kafka {

namespace {

struct EventFields {
  std::string aggregate_id = "SO-1";
  TimestampUs occurred_at = 0;
  Uuid correlation = Uuid(5, 6);
  std::uint64_t seq = 42;
  std::uint8_t type = static_cast<std::uint8_t>(schema::OrderEvent::OrderReleased);
};

class Event {
 public:
  explicit Event(const EventFields& fields) {
    const auto table = builder_.EndTable(builder_.StartTable());
    schema::OrderEventsBuilder wrapper(builder_);
    wrapper.add_event(flatbuffers::Offset<void>(table));
    wrapper.add_event_type(static_cast<schema::OrderEvent>(fields.type));
    const auto payload = wrapper.Finish();
    const auto id = builder_.CreateString(fields.aggregate_id);
    const Uuid event_id(1, 2);
    const Uuid causation(0x0102030405060708, 0x090a0b0c0d0e0f10);
    schema::EnvelopeBuilder envelope(builder_);
    envelope.add_event_id(&event_id);
    envelope.add_schema_version(1);
    envelope.add_partition(7);
    envelope.add_seq(fields.seq);
    envelope.add_aggregate_id(id);
    envelope.add_occurred_at(fields.occurred_at);
    envelope.add_recorded_at(fields.occurred_at + 1'000'000);
    envelope.add_correlation_id(&fields.correlation);
    envelope.add_causation_id(&causation);
    envelope.add_payload(payload.Union());
    envelope.add_payload_type(schema::AnyEvent::OrderEvents);
    schema::FinishEnvelopeBuffer(builder_, envelope.Finish());
  }
  const schema::Envelope& view() const { return *schema::GetEnvelope(builder_.GetBufferPointer()); }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

std::map<std::string, std::string> as_map(std::span<const Header> headers) {
  std::map<std::string, std::string> map;
  for (const Header& header : headers) {
    EXPECT_TRUE(map.emplace(header.name, header.value).second) << header.name << " twice";
  }
  return map;
}

TEST(EventHeaders, AreThese) {
  const TimestampUs at = *timestamp_from_text("2024-02-29T12:34:56.000789Z");
  const Event event({.occurred_at = at});
  EventHeaders headers;
  const auto filled = headers.fill(event.view());
  const std::vector<Header> expected = {
      {"ce_specversion", "1.0"},
      {"ce_id", "00000000-0000-0001-0000-000000000002"},
      {"ce_source", "/orderlog/partitions/7"},
      {"ce_type", "orderlog.OrderReleased.v1"},
      {"ce_time", "2024-02-29T12:34:56.000789Z"},
      {"ce_subject", "SO-1"},
      {"ce_dataschema", "urn:orderlog:schema:Envelope:v1"},
      {"content-type", "application/x-flatbuffers"},
      {"ce_sequence", "00000000000000000042"},
      {"ce_correlationid", "00000000-0000-0005-0000-000000000006"},
      {"ce_causationid", "01020304-0506-0708-090a-0b0c0d0e0f10"},
      {"ce_recordedtime", "2024-02-29T12:34:57.000789Z"},
      {"ce_partitionkey", "SO-1"},
  };
  EXPECT_EQ(std::vector<Header>(filled.begin(), filled.end()), expected);
}

TEST(EventHeaders, WhatIsNotThereIsLeftOut) {
  const Event event({.aggregate_id = "", .occurred_at = timestamp_max, .correlation = Uuid(0, 0)});
  EventHeaders headers;
  const auto filled = as_map(headers.fill(event.view()));
  for (const char* absent :
       {"ce_subject", "ce_partitionkey", "ce_correlationid", "ce_recordedtime"}) {
    EXPECT_FALSE(filled.contains(absent)) << absent;
  }
  EXPECT_EQ(filled.at("ce_time"), "9999-12-31T23:59:59.999999Z");
}

TEST(EventHeaders, SequencesSortAsText) {
  EventHeaders headers;
  std::string before;
  for (const std::uint64_t seq : {1ULL, 9ULL, 10ULL, 4'294'967'296ULL, ~0ULL}) {
    const Event event({.seq = seq});
    const std::string now = as_map(headers.fill(event.view())).at("ce_sequence");
    EXPECT_EQ(now.size(), 20U);
    EXPECT_LT(before, now);
    before = now;
  }
}

TEST(EventHeaders, AnEventOfANewerWriterIsNamedUnknown) {
  const Event event({.type = 250});
  EventHeaders headers;
  EXPECT_EQ(as_map(headers.fill(event.view())).at("ce_type"), "orderlog.Unknown.v1");
}

// One set of headers for all of them, as in the log's writer: nothing is left of the one before.
TEST(EventHeaders, EveryEventOfTheSchemaHasTextsInUtf8) {
  EventHeaders headers;
  for (const codec::MessageInfo& info : codec::SchemaRegistry::builtin().events()) {
    flatbuffers::FlatBufferBuilder builder;
    codec::build_sample_event(builder, info);
    const auto& event = *schema::GetEnvelope(builder.GetBufferPointer());
    const auto filled = headers.fill(event);
    ASSERT_EQ(filled.size(), event_headers_max) << info.name;
    for (const Header& header : filled) {
      EXPECT_FALSE(header.value.empty()) << info.name << ' ' << header.name;
      EXPECT_TRUE(codec::is_utf8(header.value)) << info.name << ' ' << header.name;
    }
    const auto map = as_map(filled);
    EXPECT_EQ(map.at("ce_type"), "orderlog." + std::string(info.name) + ".v1");
    EXPECT_EQ(map.at("ce_id"), to_string(*event.event_id()));
    EXPECT_EQ(map.at("ce_subject"), event.aggregate_id()->str());
    EXPECT_EQ(map.at("ce_time"), timestamp_to_text(event.occurred_at()));
  }
}

}  // namespace
}  // namespace orderlog::kafka
