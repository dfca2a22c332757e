// How values look as JSON, and what counts as absent.
#include <gtest/gtest.h>

#include "events/base/time.h"
#include "events/codec/json_reader.h"
#include "events/codec/json_writer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

template <class Root>
std::string written(const typename Root::NativeTableType& native, std::string_view table,
                    Absent absent = Absent::Omit) {
  flatbuffers::FlatBufferBuilder fbb;
  fbb.Finish(Root::Pack(fbb, &native));
  std::string out;
  const auto* root = flatbuffers::GetRoot<flatbuffers::Table>(fbb.GetBufferPointer());
  write_table(out, *SchemaRegistry::builtin().table(table), *root, absent);
  return out;
}

std::string json_of(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

std::string time_text(TimestampUs at) {
  std::string out;
  append_timestamp(out, at);
  return out;
}

TEST(WriteTable, MoneyQuantitiesPricesAndDates) {
  schema::OrderLineT line;
  line.line = 4'294'967'295;
  line.product_id = "P";
  line.quantity = schema::Quantity(-1);
  line.net = schema::Money(9'223'372'036'854'775'807, schema::Currency::JPY);
  line.price = std::make_unique<schema::PriceExplanationT>();
  line.price->level = schema::PriceLevel::Contract;
  line.price->unit_price = schema::UnitPrice(1'999, schema::Currency::EUR, 2);
  line.price->beaten_rule_ids = {"a", "b"};
  line.requested_date = 0;
  EXPECT_EQ(written<schema::OrderLine>(line, "OrderLine"),
            R"({"line":4294967295,"product_id":"P","quantity":{"milli":-1},)"
            R"("price":{"level":"Contract","unit_price":{"mantissa":1999,"currency":"EUR",)"
            R"("digits":2},"break_from":{"milli":0},"manual_discount_ppm":0,)"
            R"("beaten_rule_ids":["a","b"]},)"
            R"("net":{"minor":9223372036854775807,"currency":"JPY"},"tax_rate_ppm":0,)"
            R"("requested_date":"1970-01-01"})");
}

TEST(WriteTable, AbsentIsOmittedInEventsAndNullInRows) {
  schema::CreditRequestT request;
  EXPECT_EQ(written<schema::CreditRequest>(request, "CreditRequest"),
            R"({"line_fingerprint":0,"prepaid":false,"overridden":false})");
  EXPECT_EQ(written<schema::CreditRequest>(request, "CreditRequest", Absent::Null),
            R"({"amount":null,"line_fingerprint":0,"prepaid":false,"ship_date":null,)"
            R"("overridden":false})");
  schema::QuoteSubmittedT submitted;
  EXPECT_EQ(written<schema::QuoteSubmitted>(submitted, "QuoteSubmitted", Absent::Null),
            R"({"total":null,"tiers":[],"approval_id":null,"requested_by":null,"version":0,)"
            R"("reason":null})");
  submitted.tiers = {schema::Role::Manager, schema::Role::Board};
  submitted.version = ~std::uint64_t{0};
  EXPECT_EQ(written<schema::QuoteSubmitted>(submitted, "QuoteSubmitted"),
            R"({"tiers":["Manager","Board"],"version":18446744073709551615})");
}

TEST(WriteTable, AZeroQuantityIsAQuantity) {
  schema::CountStockT count;
  count.stock_item_id = "S@L";
  EXPECT_EQ(written<schema::CountStock>(count, "CountStock"),
            R"({"stock_item_id":"S@L","counted":{"milli":0}})");
}

TEST(WriteTable, UnionsCarryTheirType) {
  schema::OrderEventsT wrapper;
  schema::OrderHeldT held;
  held.reason = schema::HoldReason::Fraud;
  wrapper.event.Set(std::move(held));
  EXPECT_EQ(written<schema::OrderEvents>(wrapper, "OrderEvents"),
            R"({"event":{"type":"OrderHeld","data":{"reason":"Fraud"}}})");
}

TEST(WriteTable, AnEnumFromANewerWriterIsANumber) {
  schema::OrderHeldT held;
  held.reason = static_cast<schema::HoldReason>(200);
  EXPECT_EQ(written<schema::OrderHeld>(held, "OrderHeld"), R"({"reason":200})");
}

TEST(JsonText, EscapesAndRepairs) {
  EXPECT_EQ(json_of("a\"b\\c\n\r\t\x01\x1F\x7F"), R"("a\"b\\c\n\r\t\u0001\u001f\u007f")");
  EXPECT_EQ(json_of("é汉𝄞"), "\"é汉𝄞\"");
  EXPECT_EQ(json_of(std::string_view("\0", 1)), R"("\u0000")");
  for (const char* bad : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xE6\xB1", "\xF0\x9D\x84", "\xFF"}) {
    const std::string out = json_of(std::string("a") + bad + "b");
    EXPECT_NE(out.find("\xEF\xBF\xBD"), std::string::npos) << out;
    EXPECT_EQ(out.find(bad), std::string::npos) << out;
    EXPECT_TRUE(out.starts_with("\"a") && out.ends_with("b\"")) << out;
  }
}

TEST(JsonText, TimesHaveTheFewestDigitsThatLoseNothing) {
  EXPECT_EQ(time_text(0), "\"1970-01-01T00:00:00Z\"");
  EXPECT_EQ(time_text(1), "\"1970-01-01T00:00:00.000001Z\"");
  EXPECT_EQ(time_text(-1), "\"1969-12-31T23:59:59.999999Z\"");
  EXPECT_EQ(time_text(1'709'210'096'789'000), "\"2024-02-29T12:34:56.789Z\"");
  EXPECT_EQ(time_text(timestamp_min), "\"0000-01-01T00:00:00Z\"");
  EXPECT_EQ(time_text(timestamp_max), "\"9999-12-31T23:59:59.999999Z\"");
  for (const TimestampUs at : {timestamp_min - 1, timestamp_max + 1}) {
    EXPECT_EQ(time_text(at), "\"" + timestamp_to_text(at) + "\"");
  }
}

schema::EnvelopeT held_event() {
  schema::EnvelopeT envelope;
  envelope.event_id = Uuid(1, 2);
  envelope.partition = 3;
  envelope.seq = 4;
  envelope.term = 5;
  envelope.aggregate_id = "SO-1";
  envelope.aggregate_version = 6;
  envelope.occurred_at = 1'000'000;
  envelope.recorded_at = 1'500'000;
  envelope.actor = "anna";
  envelope.role = schema::Role::Manager;
  envelope.command_id = Uuid(7, 8);
  schema::OrderEventsT wrapper;
  wrapper.event.Set(schema::OrderHeldT());
  envelope.payload.Set(std::move(wrapper));
  return envelope;
}

TEST(WriteEnvelope, IsOneFlatObject) {
  flatbuffers::FlatBufferBuilder fbb;
  const schema::EnvelopeT native = held_event();
  schema::FinishEnvelopeBuffer(fbb, schema::Envelope::Pack(fbb, &native));
  const auto& envelope = *schema::GetEnvelope(fbb.GetBufferPointer());
  std::string out;
  write_envelope(out, envelope);
  EXPECT_EQ(out, R"({"event_id":"00000000-0000-0001-0000-000000000002","type":"OrderHeld",)"
                 R"("aggregate":"Order","aggregate_id":"SO-1","version":6,"partition":3,"seq":4,)"
                 R"("term":5,"schema_version":0,"occurred_at":"1970-01-01T00:00:01Z",)"
                 R"("recorded_at":"1970-01-01T00:00:01.500Z","actor":"anna","role":"Manager",)"
                 R"("authority":"Normal","command_id":"00000000-0000-0007-0000-000000000008",)"
                 R"("data":{"reason":"None"}})");
  EXPECT_EQ(event_type(envelope), "OrderHeld");
}

TEST(WriteEnvelope, ATypeFromANewerWriterIsUnknown) {
  flatbuffers::FlatBufferBuilder fbb;
  const auto table = fbb.EndTable(fbb.StartTable());
  schema::OrderEventsBuilder wrapper(fbb);
  wrapper.add_event(flatbuffers::Offset<void>(table));
  wrapper.add_event_type(static_cast<schema::OrderEvent>(250));
  const auto payload = wrapper.Finish();
  schema::EnvelopeBuilder builder(fbb);
  builder.add_payload(payload.Union());
  builder.add_payload_type(schema::AnyEvent::OrderEvents);
  schema::FinishEnvelopeBuffer(fbb, builder.Finish());
  std::string out;
  write_envelope(out, *schema::GetEnvelope(fbb.GetBufferPointer()));
  const auto number = static_cast<int>(schema::AnyEvent::OrderEvents);
  EXPECT_NE(out.find(R"("type":"Unknown","type_numbers":[)" + std::to_string(number) + ",250]"),
            std::string::npos)
      << out;
  EXPECT_EQ(out.find("\"data\""), std::string::npos) << out;
}

TEST(WriteCommand, IsOneFlatObject) {
  flatbuffers::FlatBufferBuilder fbb;
  CommandMeta meta;
  meta.command_id = Uuid(1, 2);
  meta.tenant = "t";
  meta.expected_version = 0;
  ASSERT_TRUE(build_command(fbb, "SubmitOrder", R"({"order_id":"SO-1"})", meta));
  const auto& command = *flatbuffers::GetRoot<schema::CommandEnvelope>(fbb.GetBufferPointer());
  std::string out;
  write_command(out, command);
  EXPECT_EQ(out,
            R"({"command_id":"00000000-0000-0001-0000-000000000002","type":"SubmitOrder",)"
            R"("aggregate":"Order","aggregate_id":"SO-1","occurred_at":"1970-01-01T00:00:00Z",)"
            R"("role":"None","authority":"Normal",)"
            R"("correlation_id":"00000000-0000-0001-0000-000000000002","tenant":"t",)"
            R"("expected_version":0,"data":{"order_id":"SO-1"}})");
  EXPECT_EQ(command_type(command), "SubmitOrder");
  EXPECT_EQ(aggregate_id_of(command), "SO-1");
}

}  // namespace
}  // namespace orderlog::codec
