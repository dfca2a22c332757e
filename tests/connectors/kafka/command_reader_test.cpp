// Every form in which a command may come, and what becomes of it.
#include "connectors/kafka/command_reader.h"

#include <gtest/gtest.h>

#include "events/codec/json_writer.h"
#include "events/codec/sample.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"
#include "tests/connectors/kafka/record_builder.h"

namespace orderlog::kafka {
namespace {

constexpr TimestampUs now = 1'700'000'000'000'000;

// A copy, so that a sanitizer sees what is read behind its end.
struct Accepted {
  codec::VerifiedCommand envelope;
  std::string aggregate_id;

  const schema::CommandEnvelope& root() const { return envelope.root(); }
  std::string actor() const { return root().actor()->str(); }
  std::string json() const {
    std::string text;
    codec::write_command(text, root());
    return text.substr(text.find("\"data\":"));
  }
};

Accepted accept(CommandReader& reader, const RecordView& record) {
  const auto read = reader.read(record, now);
  EXPECT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read->envelope.data()) % 8, 0U);
  auto verified = codec::verify_command(read->envelope);
  EXPECT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(*verified->root().command_id(), read->command_id);
  EXPECT_EQ(codec::command_type(verified->root()), read->command->name);
  EXPECT_EQ(codec::aggregate_id_of(verified->root()), read->aggregate_id);
  EXPECT_NE(verified->root().fingerprint(), 0U) << "it would not be known again";
  return {std::move(*verified), std::string(read->aggregate_id)};
}

Accepted accept(const RecordView& record) {
  CommandReader reader;
  return accept(reader, record);
}

std::string flatbuffer_of(std::string_view command, std::string_view body,
                          const codec::CommandMeta& meta = {}) {
  flatbuffers::FlatBufferBuilder builder;
  EXPECT_TRUE(codec::build_command(builder, command, body, meta));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string structured(const std::string& more = {}, std::string_view type = "SubmitOrder") {
  return R"({"specversion":"1.0","id":"17","source":"/crm","type":")" + std::string(type) + '"' +
         more + R"(,"data":)" + std::string(submit_order) + "}";
}

TEST(CommandReader, TakesJsonInBinaryMode) {
  auto record = command_record("PlaceOrder")
                    .header("content-type", "application/json; charset=utf-8")
                    .value(R"({"order_id":"SO-1","header":{"customer_id":"C-1","currency":"EUR"},
                "lines":[{"line":1,"product_id":"TEA","quantity":{"milli":5000}}]})");
  const Accepted command = accept(record.view());
  EXPECT_EQ(command.aggregate_id, "SO-1");
  EXPECT_EQ(command.actor(), "/crm");
  EXPECT_EQ(command.root().occurred_at(), now);
  EXPECT_EQ(command.root().authority(), schema::Authority::Normal);
  EXPECT_EQ(*command.root().correlation_id(), *command.root().command_id());
  EXPECT_EQ(*command.root().command_id(), command_id_of("/crm", "17"));
  EXPECT_NE(command.json().find(R"("milli":5000)"), std::string::npos);
}

TEST(CommandReader, TakesTheFullNameOfATypeAndAnyJsonMediaType) {
  for (const char* type : {"SubmitOrder", "orderlog.SubmitOrder.v1"}) {
    for (const char* media : {"application/json", "Application/JSON", "text/json",
                              "application/vnd.crm+json", " application/json ;v=1"}) {
      auto record =
          command_record(type).header("Content-Type", media).value(std::string(submit_order));
      EXPECT_EQ(accept(record.view()).aggregate_id, "SO-1") << type << ' ' << media;
    }
    auto silent = command_record(type).value(std::string(submit_order));
    EXPECT_EQ(accept(silent.view()).aggregate_id, "SO-1");
  }
}

TEST(CommandReader, TakesStructuredModeWithAndWithoutAContentType) {
  for (const char* media :
       {"", "application/cloudevents+json", "application/CloudEvents+JSON; charset=UTF-8"}) {
    TestRecord record;
    record.value(structured());
    if (*media != '\0') record.header("content-type", media);
    const Accepted command = accept(record.view());
    EXPECT_EQ(command.aggregate_id, "SO-1");
    EXPECT_EQ(*command.root().command_id(), command_id_of("/crm", "17"));
  }
  // As a shell's echo sends it, with the headers of a tracing agent.
  TestRecord echoed;
  echoed.header("traceparent", "00-0af7-b7ad-01").value(" \n" + structured() + "\r\n");
  EXPECT_EQ(accept(echoed.view()).aggregate_id, "SO-1");
}

TEST(CommandReader, TakesAttributesFromHeaders) {
  auto record = command_record()
                    .header("ce_time", "2024-02-29T13:00:00+01:00")
                    .header("ce_actor", "ann")
                    .header("ce_role", "SalesManager")
                    .header("ce_authority", "Import")
                    .header("ce_correlationid", "00000000-0000-0005-0000-000000000006")
                    .header("ce_expectedversion", "3")
                    .value(std::string(submit_order));
  const Accepted command = accept(record.view());
  EXPECT_EQ(command.root().occurred_at(), *timestamp_from_text("2024-02-29T12:00:00Z"));
  EXPECT_EQ(command.actor(), "ann");
  EXPECT_EQ(command.root().role(), schema::Role::SalesManager);
  EXPECT_EQ(command.root().authority(), schema::Authority::Import);
  EXPECT_EQ(*command.root().correlation_id(), Uuid(5, 6));
  EXPECT_EQ(command.root().expected_version(), 3U);
}

TEST(CommandReader, TakesAttributesFromMembers) {
  TestRecord record;
  record.value(structured(R"(,"time":"2024-02-29T12:00:00.123456789Z","actor":"\u0061nn",
      "role":"Finance","authority":"Import","expectedversion":18446744073709551615,
      "correlationid":"00000000-0000-0005-0000-000000000006","datacontenttype":"application/json")"));
  const Accepted command = accept(record.view());
  EXPECT_EQ(command.root().occurred_at(), *timestamp_from_text("2024-02-29T12:00:00.123456Z"));
  EXPECT_EQ(command.actor(), "ann");
  EXPECT_EQ(command.root().role(), schema::Role::Finance);
  EXPECT_EQ(command.root().authority(), schema::Authority::Import);
  EXPECT_EQ(*command.root().correlation_id(), Uuid(5, 6));
  EXPECT_EQ(command.root().expected_version(), ~0ULL);
  record.value(structured(R"(,"expectedversion":"4")"));
  EXPECT_EQ(accept(record.view()).root().expected_version(), 4U);
}

TEST(CommandReader, WhatTheValueSaysWins) {
  auto record =
      command_record()
          .header("ce_actor", "header")
          .value(R"({"order_id":"SO-1","actor":"body","occurred_at":"2024-02-29T12:00:00Z"})");
  const Accepted command = accept(record.view());
  EXPECT_EQ(command.actor(), "body");
  EXPECT_EQ(command.root().occurred_at(), *timestamp_from_text("2024-02-29T12:00:00Z"));
}

TEST(CommandReader, IgnoresWhatItDoesNotKnow) {
  auto record = command_record()
                    .header("ce_subject", "SO-1")
                    .header("ce_dataschema", "https://example.com/submit")
                    .header("ce_partitionkey", "SO-1")
                    .header("ce_datacontenttype", "nonsense")
                    .header("ce_causationid", "whatever")
                    .header("ce_colour", "\xFF")
                    .header("ce_colour", "red")
                    .header("tracestate", "x=1")
                    .value(std::string(submit_order));
  EXPECT_EQ(accept(record.view()).aggregate_id, "SO-1");
  TestRecord members;
  members.value(
      structured(R"(,"colour":{"deep":[1,"data"]},"subject":null,"time":null,"dataref":7)"));
  EXPECT_EQ(accept(members.view()).aggregate_id, "SO-1");
}

TEST(CommandReader, AHeaderThatIsNullIsNotThere) {
  auto record = command_record().value(std::string(submit_order));
  RecordView view = record.view();
  std::vector<Header> headers(view.headers.begin(), view.headers.end());
  headers.push_back({"ce_time", {}});
  view.headers = headers;
  EXPECT_EQ(accept(view).root().occurred_at(), now);
}

TEST(CommandReader, ASourceThatIsNoActorIsAnonymous) {
  auto record = command_record().without("ce_source").header("ce_source", "/caf\xC3\xA9");
  record.value(std::string(submit_order));
  EXPECT_EQ(accept(record.view()).actor(), "anonymous");
}

TEST(CommandReader, TakesFlatBuffers) {
  codec::CommandMeta meta;
  meta.command_id = Uuid(9, 9);
  meta.occurred_at = 77;
  meta.actor = "anna";
  meta.role = schema::Role::Director;
  meta.authority = schema::Authority::Import;
  meta.correlation_id = Uuid(5, 6);
  meta.expected_version = 4;
  meta.tenant = "t-1";
  auto record = command_record()
                    .header("content-type", "application/x-flatbuffers")
                    .header("ce_actor", "header")
                    .value(flatbuffer_of("SubmitOrder", submit_order, meta));
  const Accepted command = accept(record.view());
  EXPECT_EQ(command.aggregate_id, "SO-1");
  EXPECT_EQ(command.actor(), "anna");
  EXPECT_EQ(command.root().occurred_at(), 77);
  EXPECT_EQ(command.root().role(), schema::Role::Director);
  EXPECT_EQ(command.root().authority(), schema::Authority::Import);
  EXPECT_EQ(*command.root().correlation_id(), Uuid(5, 6));
  EXPECT_EQ(command.root().expected_version(), 4U);
  EXPECT_EQ(command.root().tenant()->str(), "t-1");
  EXPECT_EQ(*command.root().command_id(), command_id_of("/crm", "17"))
      << "the sender's own id would let it stand for another command";
}

TEST(CommandReader, FlatBuffersTakeFromHeadersWhatTheyDoNotSay) {
  auto record = command_record()
                    .header("content-type", "application/x-flatbuffers")
                    .header("ce_actor", "ann")
                    .header("ce_role", "Finance")
                    .header("ce_time", "2024-02-29T12:00:00Z")
                    .value(flatbuffer_of("SubmitOrder", submit_order));
  const Accepted command = accept(record.view());
  EXPECT_EQ(command.actor(), "ann");
  EXPECT_EQ(command.root().role(), schema::Role::Finance);
  EXPECT_EQ(command.root().occurred_at(), *timestamp_from_text("2024-02-29T12:00:00Z"));
}

// A full sample of each command as FlatBuffers holds the same as its JSON.
TEST(CommandReader, EveryCommandComesThroughInEveryForm) {
  CommandReader reader;
  std::size_t taken = 0;
  for (const codec::MessageInfo& info : codec::SchemaRegistry::builtin().commands()) {
    flatbuffers::FlatBufferBuilder builder;
    codec::build_sample_command(builder, info);
    const Bytes bytes{builder.GetBufferPointer(), builder.GetSize()};
    const auto& sample = *flatbuffers::GetRoot<schema::CommandEnvelope>(bytes.data());
    std::string json;
    codec::write_command(json, sample);
    json = json.substr(json.find("\"data\":") + 7);
    json.pop_back();

    auto record = command_record(std::string(info.name)).value(json);
    const auto plain = reader.read(record.view(), now);
    if (!plain) continue;  // a sample's ids and dates are not always what a command may have
    ++taken;
    const std::string expected = accept(reader, record.view()).json();
    record.header("content-type", "application/x-flatbuffers").value(std::string(as_text(bytes)));
    if (sample.authority() != schema::Authority::System) {
      EXPECT_EQ(accept(reader, record.view()).json(), expected) << info.name;
    }
    TestRecord whole;
    whole.value(R"({"data":)" + json + R"(,"specversion":"1.0","id":"1","source":"/crm","type":")" +
                std::string(info.name) + "\"}");
    EXPECT_EQ(accept(reader, whole.view()).json(), expected) << info.name;
  }
  EXPECT_GT(taken, codec::SchemaRegistry::builtin().commands().size() / 2);
}

TEST(CommandReader, ARedeliveryIsTheSameCommandInEveryByte) {
  CommandReader reader;
  TestRecord record;
  record.value(structured());
  const auto first = reader.read(record.view(), now);
  ASSERT_TRUE(first.ok());
  const std::string bytes(as_text(first->envelope));
  TestRecord other;
  other.value(structured(",\"actor\":\"someone else\"", "AcceptLeadMerge"));
  (void)reader.read(other.view(), now + 5);
  const auto again = reader.read(record.view(), now);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(as_text(again->envelope), bytes);
}

TEST(CommandReader, TheIdFollowsFromSourceAndIdAlone) {
  EXPECT_EQ(orderlog::to_string(command_id_of("/crm", "17")),
            "9fab4dbc-2d89-82cd-a6ed-dc7374ef259b");
  EXPECT_NE(command_id_of("/crm", "17"), command_id_of("/crm", "18"));
  EXPECT_NE(command_id_of("/crm", "17"), command_id_of("/web", "17"));
  EXPECT_NE(command_id_of("/a", "bc"), command_id_of("/ab", "c"));
  EXPECT_NE(command_id_of("/crm", "17"), uuid_of_key("/v1/commands/SubmitOrder", "17"));

  auto first = command_record().value(std::string(submit_order));
  auto moved =
      command_record().header("ce_time", "2024-02-29T12:00:00Z").value(std::string(submit_order));
  TestRecord whole;
  whole.value(structured());
  const Accepted one = accept(first.view());
  for (const RecordView* same : {&moved.view(), &whole.view()}) {
    const Accepted two = accept(*same);
    EXPECT_EQ(*two.root().command_id(), *one.root().command_id());
    EXPECT_EQ(two.root().fingerprint(), one.root().fingerprint());
  }
}

TEST(CommandReader, AnIdUsedAgainWithAnotherBodyShowsInTheFingerprint) {
  auto first = command_record().value(std::string(submit_order));
  auto body = command_record().value(R"({"order_id":"SO-2"})");
  auto type = command_record("ReleaseOrder").value(std::string(submit_order));
  const Accepted one = accept(first.view());
  for (const RecordView* other : {&body.view(), &type.view()}) {
    const Accepted two = accept(*other);
    EXPECT_EQ(*two.root().command_id(), *one.root().command_id());
    EXPECT_NE(two.root().fingerprint(), one.root().fingerprint());
  }
  const auto flat = [](std::string_view text) {
    return command_record()
        .header("content-type", "application/x-flatbuffers")
        .value(flatbuffer_of("SubmitOrder", text));
  };
  auto flat_one = flat(submit_order);
  auto flat_two = flat(R"({"order_id":"SO-2"})");
  EXPECT_NE(accept(flat_one.view()).root().fingerprint(),
            accept(flat_two.view()).root().fingerprint());
}

}  // namespace
}  // namespace orderlog::kafka
