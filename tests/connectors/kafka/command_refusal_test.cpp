// What is refused, with the words that its sender reads.
#include <gtest/gtest.h>

#include "connectors/kafka/command_reader.h"
#include "events/codec/sample.h"
#include "events/schema/envelope_generated.h"
#include "tests/connectors/kafka/record_builder.h"

namespace orderlog::kafka {
namespace {

std::string refusal(const RecordView& record) {
  CommandReader reader;
  const auto read = reader.read(record, 0);
  EXPECT_FALSE(read.ok());
  return read.ok() ? "accepted" : to_string(read.error());
}

std::string refusal(TestRecord record) { return refusal(record.view()); }

TestRecord structured(std::string value) {
  return TestRecord()
      .header("content-type", "application/cloudevents+json")
      .value(std::move(value));
}

TestRecord submit() { return command_record().value(std::string(submit_order)); }

std::string long_text(std::size_t bytes) { return std::string(bytes, 'x'); }

TEST(CommandRefusal, NoValueOrTooMuchOfIt) {
  auto record = submit();
  RecordView tombstone = record.view();
  tombstone.value = {};
  EXPECT_EQ(refusal(tombstone),
            "InvalidArgument: the record has no value: a tombstone is not a command");
  EXPECT_EQ(refusal(command_record().value("")), "InvalidArgument: the record's value is empty");
  EXPECT_EQ(
      refusal(command_record().value(long_text(command_bytes_max + 1))),
      "InvalidArgument: the record's value has 1048577 bytes, more than the limit of 1048576");
}

TEST(CommandRefusal, WhatIsNoCloudEvent) {
  const std::string none =
      "InvalidArgument: the record is no CloudEvent: it has no ce_specversion, ce_id, ce_source "
      "and "
      "ce_type headers, and its value is no JSON object";
  EXPECT_EQ(refusal(TestRecord().value("hello")), none);
  EXPECT_EQ(refusal(TestRecord().value("[{}]")), none);
  EXPECT_EQ(refusal(TestRecord().header("traceparent", "00").value("\xFF\xFE")), none);
}

TEST(CommandRefusal, AttributesThatAreMissing) {
  for (const char* name : {"specversion", "id", "source", "type"}) {
    const std::string header = "ce_" + std::string(name);
    EXPECT_EQ(refusal(submit().without(header)), "InvalidArgument: " + header + " is missing");
    EXPECT_EQ(refusal(submit().without(header).header(header, "")),
              "InvalidArgument: " + header + " is empty");
  }
  EXPECT_EQ(refusal(structured("{}")), "InvalidArgument: specversion is missing");
  EXPECT_EQ(refusal(structured(R"({"specversion":"1.0","id":null})")),
            "InvalidArgument: id is missing");
  EXPECT_EQ(refusal(structured(R"({"specversion":"1.0","id":"1"})")),
            "InvalidArgument: source is missing");
  EXPECT_EQ(refusal(structured(R"({"specversion":"1.0","id":"1","source":"/crm"})")),
            "InvalidArgument: type is missing");
  EXPECT_EQ(refusal(structured(R"({"specversion":"1.0","id":"1","source":"/crm",
                                   "type":"SubmitOrder"})")),
            "InvalidArgument: data is missing");
  EXPECT_EQ(refusal(TestRecord().value(std::string(submit_order))),
            "InvalidArgument: specversion is missing");
}

TEST(CommandRefusal, AnotherVersionOfCloudEvents) {
  EXPECT_EQ(refusal(submit().without("ce_specversion").header("ce_specversion", "0.3")),
            "Unsupported: ce_specversion must be 1.0, not \"0.3\"");
}

TEST(CommandRefusal, AttributesThatCannotBeUsed) {
  const auto with = [](const char* name, std::string value) {
    return refusal(submit().header(name, std::move(value)));
  };
  EXPECT_EQ(with("ce_id", "18"), "InvalidArgument: ce_id is given twice");
  EXPECT_EQ(
      with("ce_time", "yesterday"),
      "InvalidArgument: ce_time cannot be used: \"yesterday\" is not a time, expected RFC 3339 "
      "such as 2024-02-29T12:34:56.789Z or …+01:00");
  EXPECT_EQ(
      with("ce_time", ""),
      "InvalidArgument: ce_time cannot be used: \"\" is not a time, expected RFC 3339 such as "
      "2024-02-29T12:34:56.789Z or …+01:00");
  EXPECT_EQ(with("ce_actor", ""),
            "InvalidArgument: ce_actor must have 1 to 128 printable ASCII characters");
  EXPECT_EQ(with("ce_actor", long_text(129)),
            "InvalidArgument: ce_actor must have 1 to 128 printable ASCII characters");
  EXPECT_EQ(with("ce_role", "King"), "InvalidArgument: ce_role is not one of Role: \"King\"");
  EXPECT_EQ(with("ce_authority", "None"),
            "InvalidArgument: ce_authority is not one of Authority: \"None\"");
  EXPECT_EQ(with("ce_authority", "System"),
            "InvalidArgument: SubmitOrder: authority must be Normal or Import");
  EXPECT_EQ(with("ce_correlationid", "txn-1"), "InvalidArgument: ce_correlationid must be a UUID");
  for (const char* version : {"", "-1", "3.0", " 3", "18446744073709551616"}) {
    EXPECT_EQ(with("ce_expectedversion", version),
              "InvalidArgument: ce_expectedversion must be a version, like 3");
  }
  EXPECT_EQ(with("ce_actor", long_text(513)),
            "InvalidArgument: ce_actor has 513 bytes, more than the limit of 512");
  EXPECT_EQ(with("ce_actor", "\xFF"), "InvalidArgument: ce_actor is not UTF-8");
  EXPECT_EQ(with("ce_actor", "a\nb"), "InvalidArgument: ce_actor has control characters");
  EXPECT_EQ(refusal(submit().header("content-type", "application/json").header("Content-Type", "")),
            "InvalidArgument: content-type is given twice");
}

TEST(CommandRefusal, TypesThatAreNoCommands) {
  const auto of_type = [](std::string type) {
    return refusal(command_record(std::move(type)).value(std::string(submit_order)));
  };
  for (const char* type : {"OrderSubmitted", "orderlog.SubmitOrder.v2", "orderlog.SubmitOrder",
                           "orderlog.v1", "orderlog..v1", "submitorder", "SubmitOrder.v1"}) {
    EXPECT_EQ(of_type(type),
              "InvalidArgument: ce_type names no command, as PlaceOrder or orderlog.PlaceOrder.v1 "
              "would: \"" +
                  std::string(type) + '"');
  }
}

TEST(CommandRefusal, MediaTypesThatAreNotTaken) {
  for (const char* media : {"text/plain", "application/avro", "application/cloudevents+avro",
                            "application/cloudevents-batch+json", "application/cloudevents"}) {
    EXPECT_EQ(refusal(submit().header("content-type", media)),
              "Unsupported: content-type \"" + std::string(media) +
                  "\" is not taken: send application/json, application/cloudevents+json or "
                  "application/x-flatbuffers");
  }
}

TEST(CommandRefusal, ConfluentsWireFormat) {
  const std::string framed = std::string("\0\0\0\1\2", 5) + std::string(submit_order);
  const std::string told =
      "Unsupported: the value is in Confluent's wire format (a zero byte, then schema id 258), "
      "which is not taken: send JSON, or FlatBuffers as application/x-flatbuffers";
  EXPECT_EQ(refusal(TestRecord().value(framed)), told);
  EXPECT_EQ(refusal(command_record().value(framed)), told);
  EXPECT_EQ(refusal(command_record().header("content-type", "application/json").value(framed)),
            told);
  EXPECT_EQ(
      refusal(command_record().header("content-type", "application/x-flatbuffers").value(framed))
          .find("Confluent"),
      std::string::npos);
}

TEST(CommandRefusal, BodiesThatDoNotFit) {
  const auto with = [](std::string body) {
    return refusal(command_record().value(std::move(body)));
  };
  EXPECT_EQ(with(R"({"order_id":7})").find("InvalidArgument: SubmitOrder: at /order_id: "), 0U);
  EXPECT_EQ(with(R"({"order_id":"SO-1","colour":"red"})")
                .find("InvalidArgument: SubmitOrder: at /colour: "),
            0U);
  EXPECT_EQ(with(R"({"order_id":"SO-1")").find("InvalidArgument: SubmitOrder: not valid JSON"), 0U);
  EXPECT_NE(with(R"({"command_id":"00000000-0000-0001-0000-000000000002","order_id":"SO-1"})")
                .find("at /command_id"),
            std::string::npos);
  EXPECT_EQ(with(R"({"order_id":"SO-1","authority":"System"})"),
            "InvalidArgument: SubmitOrder: authority must be Normal or Import");
  const std::string many = with(R"({"a":1,"b":1,"c":1,"d":1,"e":1,"order_id":"SO-1"})");
  EXPECT_NE(many.find("at /a: "), std::string::npos) << many;
  EXPECT_NE(many.find("; and 2 more"), std::string::npos) << many;
}

TEST(CommandRefusal, EventsThatDoNotFit) {
  const std::string head = R"({"specversion":"1.0","id":"1","source":"/crm","type":"SubmitOrder")";
  const auto with = [&](const std::string& more) { return refusal(structured(head + more + "}")); };
  EXPECT_EQ(
      with(R"(,"data":{"order_id":7})").find("InvalidArgument: SubmitOrder: at /data/order_id: "),
      0U);
  EXPECT_EQ(with(R"(,"data":{"order_id":"SO-1"},"data":{"order_id":"SO-2"})"),
            "InvalidArgument: data is given twice");
  EXPECT_EQ(with(R"(,"d\u0061ta":{"order_id":"SO-1"})"),
            "InvalidArgument: the name of the member data must be written without escapes");
  EXPECT_EQ(with(R"(,"id":"2","data":{})"), "InvalidArgument: id is given twice");
  EXPECT_EQ(with(R"(,"time":5,"data":{})"), "InvalidArgument: time must be a text");
  EXPECT_EQ(with(R"(,"expectedversion":1.5,"data":{})"),
            "InvalidArgument: expectedversion must be a text");
  EXPECT_EQ(with(R"(,"data_base64":"AAAA")"),
            "Unsupported: data_base64 is not taken: send the data as JSON, or in binary mode");
  EXPECT_EQ(with(R"(,"datacontenttype":"text/xml","data":"<a/>")"),
            "Unsupported: datacontenttype must be application/json, not \"text/xml\"");
  EXPECT_EQ(with(R"(,"data":"{\"order_id\":\"SO-1\"}")").find("InvalidArgument: SubmitOrder: "),
            0U);
  EXPECT_EQ(with(R"(,"data":null)").find("InvalidArgument: SubmitOrder: "), 0U);
  EXPECT_EQ(refusal(structured("[]")), "InvalidArgument: the event is not a JSON object");
  EXPECT_EQ(refusal(structured("{")).find("InvalidArgument: the event: not valid JSON in UTF-8"),
            0U);
  EXPECT_EQ(refusal(structured("{} {}")).find("InvalidArgument: the event: not valid JSON"), 0U);
}

class FlatBuffersRefusal : public ::testing::Test {
 protected:
  static std::string refused(const std::string& value, const char* type = "SubmitOrder") {
    return refusal(
        command_record(type).header("content-type", "application/x-flatbuffers").value(value));
  }
  struct Fields {
    const char* order_id = "SO-1";
    const char* actor = "ann";
    schema::Authority authority = schema::Authority::Normal;
    schema::Role role = schema::Role::None;
    std::uint8_t type = static_cast<std::uint8_t>(schema::OrderCommand::SubmitOrder);
  };
  static std::string command(const Fields& fields) {
    flatbuffers::FlatBufferBuilder builder;
    const auto submit = schema::CreateSubmitOrderDirect(builder, fields.order_id);
    schema::OrderCommandsBuilder wrapper(builder);
    wrapper.add_command(submit.Union());
    wrapper.add_command_type(static_cast<schema::OrderCommand>(fields.type));
    const auto payload = wrapper.Finish();
    const auto actor = builder.CreateString(fields.actor);
    schema::CommandEnvelopeBuilder envelope(builder);
    envelope.add_actor(actor);
    envelope.add_role(fields.role);
    envelope.add_authority(fields.authority);
    envelope.add_payload(payload.Union());
    envelope.add_payload_type(schema::AnyCommand::OrderCommands);
    builder.Finish(envelope.Finish());
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
  }
};

TEST_F(FlatBuffersRefusal, HeadersAreNeededHereToo) {
  EXPECT_EQ(
      refusal(TestRecord().header("content-type", "application/x-flatbuffers").value(command({}))),
      "InvalidArgument: ce_specversion is missing");
}

TEST_F(FlatBuffersRefusal, BytesThatAreNoCommand) {
  EXPECT_EQ(refused("?"), "Corrupt: not a valid CommandEnvelope: too short");
  EXPECT_EQ(refused(std::string(64, '\xFF')),
            "Corrupt: not a valid CommandEnvelope: its structure is broken, too deep or too large");
  EXPECT_EQ(refused(std::string(submit_order)).find("Corrupt: not a valid CommandEnvelope: "), 0U);
}

TEST_F(FlatBuffersRefusal, AnotherCommandThanItsTypeSays) {
  EXPECT_EQ(refused(command({}), "ReopenOrder"),
            "InvalidArgument: ce_type says ReopenOrder, but the value holds SubmitOrder");
  EXPECT_EQ(refused(command({.type = 250})),
            "InvalidArgument: ce_type says SubmitOrder, but the value holds unknown");
}

TEST_F(FlatBuffersRefusal, AuthorityOfTheSystem) {
  EXPECT_EQ(refused(command({.authority = schema::Authority::System})),
            "InvalidArgument: SubmitOrder: authority must be Normal or Import");
}

TEST_F(FlatBuffersRefusal, ValuesThatNobodyKnows) {
  EXPECT_EQ(refused(command({.authority = static_cast<schema::Authority>(9)})),
            "InvalidArgument: SubmitOrder: its authority is not known");
  EXPECT_EQ(refused(command({.role = static_cast<schema::Role>(200)})),
            "InvalidArgument: SubmitOrder: its role is not known");
  EXPECT_EQ(
      refused(command({.actor = "a\nb"})),
      "InvalidArgument: SubmitOrder: its actor must have 1 to 128 printable ASCII characters");
}

// What JSON would be refused for.
TEST_F(FlatBuffersRefusal, IdsThatNoCommandMayHave) {
  EXPECT_EQ(
      refused(command({.order_id = "SO\n1"})).find("InvalidArgument: SubmitOrder: at /order_id: "),
      0U);
  EXPECT_EQ(refused(command({.order_id = long_text(65).c_str()}))
                .find("InvalidArgument: SubmitOrder: at /order_id: "),
            0U);
  EXPECT_EQ(refused(command({.order_id = ""})),
            "Corrupt: not a valid CommandEnvelope: its aggregate id is empty");
}

TEST_F(FlatBuffersRefusal, TextsThatAreNotUtf8) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = schema::CreateRespondDirect(builder, "T-1", "\xFF\xFE");
  schema::TicketCommandsBuilder wrapper(builder);
  wrapper.add_command(text.Union());
  wrapper.add_command_type(schema::TicketCommand::Respond);
  const auto payload = wrapper.Finish();
  schema::CommandEnvelopeBuilder envelope(builder);
  envelope.add_payload(payload.Union());
  envelope.add_payload_type(schema::AnyCommand::TicketCommands);
  builder.Finish(envelope.Finish());
  EXPECT_EQ(refused({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()},
                    "Respond"),
            "Corrupt: not a valid CommandEnvelope: a text in it is not UTF-8");
}

}  // namespace
}  // namespace orderlog::kafka
