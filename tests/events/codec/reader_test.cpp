// What a good body becomes, and how each kind of bad one is refused, with the pointer to it.
// Longer than 400 lines because every kind of bad body has its test in one place.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "events/codec/json_reader.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {

void PrintTo(const Problem& problem, std::ostream* out) {
  *out << to_string(problem.code) << " at \"" << problem.pointer << "\": " << problem.detail;
}

namespace {

constexpr std::string_view good_order = R"({
  "order_id": "SO-1",
  "header": {"customer_id": "C-1", "currency": "EUR", "requested_date": "2024-02-29",
             "freight": {"minor": 500, "currency": "EUR"}, "note": "caf\u00e9 \ud834\udd1e\n"},
  "lines": [{"line": 1, "product_id": "SKU 1", "quantity": {"milli": 5000}},
            {"line": 2, "product_id": "SKU-2", "quantity": {"milli": 1},
             "unit_price": {"mantissa": 1999, "currency": "EUR", "digits": 2}}]
})";

CommandMeta meta_of_client() {
  CommandMeta meta;
  meta.command_id = Uuid(1, 2);
  meta.occurred_at = 77;
  meta.actor = "anna";
  meta.tenant = "t-1";
  return meta;
}

const schema::CommandEnvelope& envelope_in(const flatbuffers::FlatBufferBuilder& fbb) {
  flatbuffers::Verifier verifier(fbb.GetBufferPointer(), fbb.GetSize());
  EXPECT_TRUE(verifier.VerifyBuffer<schema::CommandEnvelope>(nullptr));
  return *flatbuffers::GetRoot<schema::CommandEnvelope>(fbb.GetBufferPointer());
}

// The problems of a body, expected to be refused.
std::vector<Problem> refused(std::string_view command, std::string_view body) {
  flatbuffers::FlatBufferBuilder fbb;
  const CommandRead read = build_command(fbb, command, body, meta_of_client());
  EXPECT_FALSE(read) << body;
  EXPECT_FALSE(read.problems.empty()) << body;
  return read.problems;
}

void expect_problem(std::string_view command, std::string_view body, ProblemCode code,
                    std::string_view pointer) {
  const std::vector<Problem> problems = refused(command, body);
  ASSERT_EQ(problems.size(), 1U) << body << ::testing::PrintToString(problems);
  EXPECT_EQ(problems[0].code, code) << ::testing::PrintToString(problems);
  EXPECT_EQ(problems[0].pointer, pointer);
  EXPECT_FALSE(problems[0].detail.empty());
}

// A stock command with one member replaced, to keep the cases short.
std::string receive(std::string_view member) {
  return R"({"stock_item_id":"S@L","quantity":{"milli":1},)" + std::string(member) + "}";
}

TEST(BuildCommand, PutsTheCommandIntoItsEnvelope) {
  flatbuffers::FlatBufferBuilder fbb;
  const CommandRead read = build_command(fbb, "PlaceOrder", good_order, meta_of_client());
  ASSERT_TRUE(read) << ::testing::PrintToString(read.problems);
  EXPECT_EQ(read.built->aggregate_id, "SO-1");
  EXPECT_EQ(read.built->command->name, "PlaceOrder");
  const schema::CommandEnvelope& envelope = envelope_in(fbb);
  EXPECT_EQ(*envelope.command_id(), Uuid(1, 2));
  EXPECT_EQ(*envelope.correlation_id(), Uuid(1, 2)) << "a chain begins with its first command";
  EXPECT_EQ(envelope.causation_id(), nullptr);
  EXPECT_EQ(envelope.occurred_at(), 77);
  EXPECT_EQ(envelope.actor()->str(), "anna");
  EXPECT_EQ(envelope.tenant()->str(), "t-1");
  EXPECT_FALSE(envelope.expected_version().has_value());
  EXPECT_EQ(envelope.fingerprint(), read.built->fingerprint);
  const auto* order = envelope.payload_as_OrderCommands()->command_as_PlaceOrder();
  ASSERT_NE(order, nullptr);
  EXPECT_EQ(order->order_id()->str(), "SO-1");
  EXPECT_EQ(order->header()->currency(), schema::Currency::EUR);
  EXPECT_EQ(*order->header()->requested_date(), 19'782);
  EXPECT_FALSE(order->header()->promised_date().has_value());
  EXPECT_EQ(order->header()->freight()->minor(), 500);
  EXPECT_EQ(order->header()->note()->str(), "caf\xC3\xA9 \xF0\x9D\x84\x9E\n");
  ASSERT_EQ(order->lines()->size(), 2U);
  EXPECT_EQ(order->lines()->Get(0)->line(), 1U);
  EXPECT_EQ(order->lines()->Get(0)->unit_price(), nullptr);
  EXPECT_EQ(order->lines()->Get(1)->unit_price()->mantissa(), 1'999);
  EXPECT_EQ(order->lines()->Get(1)->unit_price()->digits(), 2);
}

TEST(BuildCommand, TheBodyMaySayWhoWhenAndAgainstWhichVersion) {
  flatbuffers::FlatBufferBuilder fbb;
  const CommandRead read =
      build_command(fbb, "SubmitOrder",
                    R"({"order_id":"O","command_id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
          "occurred_at":"2024-02-29T12:34:56.789012+01:00","expected_version":7,"actor":"bob",
          "role":"Manager","authority":"Import",
          "correlation_id":"00000000-0000-0000-0000-000000000009"})",
                    meta_of_client());
  ASSERT_TRUE(read) << ::testing::PrintToString(read.problems);
  const schema::CommandEnvelope& envelope = envelope_in(fbb);
  EXPECT_EQ(orderlog::to_string(*envelope.command_id()), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_EQ(read.built->command_id, *envelope.command_id());
  EXPECT_EQ(envelope.occurred_at(), 1'709'206'496'789'012);
  EXPECT_EQ(*envelope.expected_version(), 7U);
  EXPECT_EQ(envelope.actor()->str(), "bob");
  EXPECT_EQ(envelope.role(), schema::Role::Manager);
  EXPECT_EQ(envelope.authority(), schema::Authority::Import);
  EXPECT_EQ(*envelope.correlation_id(), Uuid(0, 9));
}

TEST(BuildCommand, WhatTheBodyMayNotSetIsUnknownInIt) {
  CommandMeta meta = meta_of_client();
  meta.body_may_set = all_meta_members & ~meta_bit(MetaMember::Role);
  flatbuffers::FlatBufferBuilder fbb;
  const CommandRead read =
      build_command(fbb, "SubmitOrder", R"({"order_id":"O","role":"Board"})", meta);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.problems[0].code, ProblemCode::UnknownField);
  EXPECT_EQ(read.problems[0].pointer, "/role");
}

TEST(BuildCommand, TheFingerprintTellsBodiesAndCommandsApart) {
  const auto fingerprint = [](std::string_view command, std::string_view body) {
    flatbuffers::FlatBufferBuilder fbb;
    return build_command(fbb, command, body, meta_of_client()).built->fingerprint;
  };
  const auto first = fingerprint("SubmitOrder", R"({"order_id":"O"})");
  EXPECT_NE(first, 0U);
  EXPECT_EQ(first, fingerprint("SubmitOrder", R"({"order_id":"O"})"));
  EXPECT_NE(first, fingerprint("SubmitOrder", R"({"order_id":"P"})"));
  EXPECT_NE(first, fingerprint("ReleaseOrder", R"({"order_id":"O"})"));
}

TEST(BuildCommand, NullIsAbsent) {
  flatbuffers::FlatBufferBuilder fbb;
  const CommandRead read =
      build_command(fbb, "ReleaseStock",
                    R"({"stock_item_id":"S@L","reservation_id":"R","quantity":null,"reason":null,
                        "expected_version":null})",
                    meta_of_client());
  ASSERT_TRUE(read) << ::testing::PrintToString(read.problems);
  const auto* release = envelope_in(fbb).payload_as_StockCommands()->command_as_ReleaseStock();
  EXPECT_EQ(release->quantity(), nullptr);
  EXPECT_EQ(release->reason(), nullptr);
  expect_problem("SubmitOrder", R"({"order_id":null})", ProblemCode::MissingField, "/order_id");
}

TEST(Refusal, UnknownCommand) {
  expect_problem("PlaceOrders", "{}", ProblemCode::UnknownCommand, "");
  expect_problem("OrderSubmitted", "{}", ProblemCode::UnknownCommand, "");
}

TEST(Refusal, UnknownField) {
  expect_problem("ReceiveStock", receive(R"("quantety":1)"), ProblemCode::UnknownField,
                 "/quantety");
  expect_problem("ReceiveStock", receive(R"("a/b~c":1)"), ProblemCode::UnknownField, "/a~1b~0c");
  expect_problem("SetCreditLimit",
                 R"({"customer_id":"C","limit":{"minor":1,"currency":"EUR","cents":2}})",
                 ProblemCode::UnknownField, "/limit/cents");
  expect_problem("ReceiveStock", receive(R"("command_type":1)"), ProblemCode::UnknownField,
                 "/command_type");
}

TEST(Refusal, UnknownFieldDeepInside) {
  expect_problem("PlaceOrder", R"({"order_id":"O","header":{"customer_id":"C"},"lines":[
      {"product_id":"P","quantity":{"milli":1}},
      {"product_id":"P","quantity":{"milli":1},"colour":"red"}]})",
                 ProblemCode::UnknownField, "/lines/1/colour");
}

TEST(Refusal, WrongType) {
  expect_problem("SubmitOrder", R"({"order_id":5})", ProblemCode::WrongType, "/order_id");
  expect_problem("SubmitOrder", "[]", ProblemCode::WrongType, "");
  expect_problem("SubmitOrder", "\"text\"", ProblemCode::WrongType, "");
  expect_problem("ReceiveStock", R"({"stock_item_id":"S@L","quantity":5})", ProblemCode::WrongType,
                 "/quantity");
  expect_problem("ReceiveStock", R"({"stock_item_id":"S@L","quantity":{"milli":"5"}})",
                 ProblemCode::WrongType, "/quantity/milli");
  expect_problem("EditQuoteLines", R"({"quote_id":"Q","lines":{}})", ProblemCode::WrongType,
                 "/lines");
  expect_problem("EditQuoteLines", R"({"quote_id":"Q","lines":[1]})", ProblemCode::WrongType,
                 "/lines/0");
  expect_problem("ConfirmLeadMerge", R"({"lead_id":"L","into":"M","accepted":1})",
                 ProblemCode::WrongType, "/accepted");
  expect_problem("AdoptGrade", R"({"customer_id":"C","grade":1})", ProblemCode::WrongType,
                 "/grade");
  expect_problem("ExtendQuote", R"({"quote_id":"Q","valid_until":19000})", ProblemCode::WrongType,
                 "/valid_until");
  expect_problem("SubmitOrder", R"({"order_id":"O","command_id":1})", ProblemCode::WrongType,
                 "/command_id");
}

TEST(Refusal, NumbersAreIntegers) {
  for (const char* number : {"1.0", "1e3", "1E0", "0.5", "-1.5"}) {
    expect_problem("ReceiveStock",
                   R"({"stock_item_id":"S@L","quantity":{"milli":)" + std::string(number) + "}}",
                   ProblemCode::WrongType, "/quantity/milli");
  }
}

TEST(Refusal, OutOfRangeNumbers) {
  expect_problem("ReceiveStock",
                 R"({"stock_item_id":"S@L","quantity":{"milli":9223372036854775808}})",
                 ProblemCode::OutOfRange, "/quantity/milli");
  expect_problem("ReceiveStock",
                 R"({"stock_item_id":"S@L","quantity":{"milli":99999999999999999999999}})",
                 ProblemCode::OutOfRange, "/quantity/milli");
  expect_problem("CloseTicket", R"({"ticket_id":"T","satisfaction":256})", ProblemCode::OutOfRange,
                 "/satisfaction");
  expect_problem("CloseTicket", R"({"ticket_id":"T","satisfaction":-1})", ProblemCode::OutOfRange,
                 "/satisfaction");
  expect_problem("CancelLineQuantity",
                 R"({"order_id":"O","line":4294967296,"quantity":{"milli":1},"reason":"r"})",
                 ProblemCode::OutOfRange, "/line");
  expect_problem("SubmitOrder", R"({"order_id":"O","expected_version":18446744073709551616})",
                 ProblemCode::OutOfRange, "/expected_version");
}

TEST(Refusal, TheLastNumbersInRangeAreTaken) {
  flatbuffers::FlatBufferBuilder fbb;
  ASSERT_TRUE(build_command(fbb, "ReceiveStock",
                            R"({"stock_item_id":"S@L","quantity":{"milli":-9223372036854775808},
                                "expected_version":18446744073709551615})",
                            meta_of_client()));
  const schema::CommandEnvelope& envelope = envelope_in(fbb);
  EXPECT_EQ(*envelope.expected_version(), ~std::uint64_t{0});
  EXPECT_EQ(envelope.payload_as_StockCommands()->command_as_ReceiveStock()->quantity()->milli(),
            std::numeric_limits<std::int64_t>::min());
}

TEST(Refusal, MissingField) {
  expect_problem("SubmitOrder", "{}", ProblemCode::MissingField, "/order_id");
  expect_problem("SetCreditLimit", R"({"customer_id":"C","limit":{"minor":1}})",
                 ProblemCode::MissingField, "/limit/currency");
  expect_problem("SetCreditLimit", R"({"customer_id":"C","limit":{"currency":"EUR"}})",
                 ProblemCode::MissingField, "/limit/minor");
  expect_problem("EditQuoteLines", R"({"quote_id":"Q","lines":[{"product_id":"P"}]})",
                 ProblemCode::MissingField, "/lines/0/quantity");
  expect_problem("ExtendQuote", R"({"quote_id":"Q"})", ProblemCode::MissingField, "/valid_until");
}

TEST(Refusal, UnknownNames) {
  expect_problem("AdoptGrade", R"({"customer_id":"C","grade":"F"})", ProblemCode::OutOfRange,
                 "/grade");
  expect_problem("AdoptGrade", R"({"customer_id":"C","grade":"a"})", ProblemCode::OutOfRange,
                 "/grade");
  expect_problem("OpenCreditAccount", R"({"customer_id":"C","currency":"EURO"})",
                 ProblemCode::OutOfRange, "/currency");
  expect_problem("SetCreditLimit", R"({"customer_id":"C","limit":{"minor":1,"currency":"None"}})",
                 ProblemCode::OutOfRange, "/limit/currency");
}

TEST(Refusal, BadDatesAndTimes) {
  for (const char* date :
       {"2023-02-29", "2024-2-1", "2024-01-32", "2024-01-01T00:00:00Z", "", "x"}) {
    expect_problem("ExtendQuote", R"({"quote_id":"Q","valid_until":")" + std::string(date) + "\"}",
                   ProblemCode::OutOfRange, "/valid_until");
  }
  for (const char* time : {"2024-01-01", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z",
                           "2024-01-01 00:00:00", "2024-01-01T00:00:00.1234567Z", ""}) {
    expect_problem("SubmitOrder", R"({"order_id":"O","occurred_at":")" + std::string(time) + "\"}",
                   ProblemCode::OutOfRange, "/occurred_at");
  }
}

TEST(Refusal, BadIds) {
  const std::string longest(id_length_max, 'x');
  flatbuffers::FlatBufferBuilder fbb;
  for (const std::string& id :
       {longest, longest + "@" + longest, std::string("A b:c/d@e+f-g_h.i")}) {
    EXPECT_TRUE(
        build_command(fbb, "SubmitOrder", R"({"order_id":")" + id + "\"}", meta_of_client()))
        << id;
  }
  for (const std::string& id :
       {std::string(), longest + "x", longest + "@" + longest + "x", "x@" + longest + "x",
        longest + "@" + longest + "@", std::string(" a"), std::string("a "), std::string("a\\tb"),
        std::string("a#b"), std::string("é"), std::string("a\\u0000b")}) {
    expect_problem("SubmitOrder", R"({"order_id":")" + id + "\"}", ProblemCode::OutOfRange,
                   "/order_id");
  }
  expect_problem("OpenTicket", R"({"ticket_id":"T","customer_id":"C","subject":"s","order_id":""})",
                 ProblemCode::OutOfRange, "/order_id");
  expect_problem("MergeLead", R"({"lead_id":"L","into":"a\nb"})", ProblemCode::OutOfRange, "/into");
  expect_problem("RejectOrder", R"({"order_id":"O","reason":""})", ProblemCode::OutOfRange,
                 "/reason");
  expect_problem("SubmitOrder",
                 R"({"order_id":"O","command_id":"00000000-0000-0000-0000-000000000000"})",
                 ProblemCode::OutOfRange, "/command_id");
}

TEST(Refusal, Duplicates) {
  expect_problem("SubmitOrder", R"({"order_id":"O","order_id":"O"})", ProblemCode::Duplicate,
                 "/order_id");
  expect_problem("SubmitOrder", R"({"order_id":"O","order\u005fid":"P"})", ProblemCode::Duplicate,
                 "/order_id");
  expect_problem("ReceiveStock", R"({"stock_item_id":"S@L","quantity":{"milli":1,"milli":2}})",
                 ProblemCode::Duplicate, "/quantity/milli");
  expect_problem("SubmitOrder", R"({"order_id":"O","actor":"a","actor":"b"})",
                 ProblemCode::Duplicate, "/actor");
  expect_problem("ReceiveStock", receive(R"("document":null,"document":"d")"),
                 ProblemCode::Duplicate, "/document");
}

TEST(Refusal, Malformed) {
  for (const char* text :
       {"", " ", "{", "{}}", "{'order_id':1}", R"({"order_id":"O",})", R"({"order_id":NaN})",
        R"({"order_id":01})", "{\"order_id\":\"\xFF\"}", "{\"order_id\":\"\xC0\xAF\"}",
        "{\"order_id\":\"\xED\xA0\x80\"}", R"({"order_id":"\ud800"})", "{\"order_id\":\"a\nb\"}",
        R"({"order_id":"O"} x)", "// c\n{}", "nul"}) {
    expect_problem("SubmitOrder", text, ProblemCode::Malformed, "");
  }
}

TEST(Refusal, TooDeepAndTooLarge) {
  std::string deep;
  for (std::size_t i = 0; i <= json_depth_max; ++i) deep += R"({"header":)";
  expect_problem("PlaceOrder", deep, ProblemCode::TooDeep, "");
  const std::string spaces(json_bytes_max, ' ');
  expect_problem("SubmitOrder", R"({"order_id":"O"})" + spaces, ProblemCode::TooLarge, "");
  std::string many = R"({"order_id":"O","remove":[0)";
  for (std::size_t i = 0; i < json_values_max; ++i) many += ",0";
  expect_problem("AmendOrder", many + "]}", ProblemCode::TooLarge, "");
  const std::string text(text_bytes_max + 1, 'x');
  expect_problem("RejectOrder", R"({"order_id":"O","reason":")" + text + "\"}",
                 ProblemCode::TooLarge, "/reason");
}

TEST(Refusal, SaysAllThatIsWrongUpToALimit) {
  const auto problems =
      refused("PlaceOrder", R"({"header":{"currency":"X"},"lines":[{"line":-1}]})");
  std::string seen;
  for (const Problem& problem : problems) {
    seen += std::string(to_string(problem.code)) + problem.pointer + " ";
  }
  EXPECT_EQ(
      seen,
      "MissingField/order_id MissingField/header/customer_id OutOfRange/header/currency "
      "MissingField/lines/0/product_id MissingField/lines/0/quantity OutOfRange/lines/0/line ");
  std::string many = R"({"order_id":"O","remove":[-1)";
  for (int i = 0; i < 100; ++i) many += ",-1";
  EXPECT_EQ(refused("AmendOrder", many + "]}").size(), problems_max);
}

TEST(Refusal, LeavesTheThreadReadyForTheNextCommand) {
  flatbuffers::FlatBufferBuilder fbb;
  for (const char* bad : {"{", R"({"order_id":)", R"({"order_id":"a\u00)", "[[[[[[[[[[[[[[[[[["}) {
    EXPECT_FALSE(build_command(fbb, "SubmitOrder", bad, meta_of_client()));
    ASSERT_TRUE(build_command(fbb, "SubmitOrder", R"({"order_id":"O"})", meta_of_client()));
    EXPECT_NE(envelope_in(fbb).payload_as_OrderCommands()->command_as_SubmitOrder(), nullptr);
  }
}

TEST(ReadTable, ReadsStatesAndEventsWithoutTheRulesForCommands) {
  flatbuffers::FlatBufferBuilder fbb;
  TableRead read =
      read_table(fbb, "QuoteOrdered", R"({"order_id":"","requested_date":"1970-01-02"})");
  ASSERT_TRUE(read) << ::testing::PrintToString(read.problems);
  fbb.Finish(flatbuffers::Offset<schema::QuoteOrdered>(read.root));
  const auto* ordered = flatbuffers::GetRoot<schema::QuoteOrdered>(fbb.GetBufferPointer());
  EXPECT_EQ(ordered->order_id()->str(), "");
  EXPECT_EQ(*ordered->requested_date(), 1);
  EXPECT_EQ(read_table(fbb, "NoSuchTable", "{}").problems[0].code, ProblemCode::UnknownCommand);
  EXPECT_EQ(read_table(fbb, "Money", "{}").problems[0].code, ProblemCode::UnknownCommand);
}

TEST(ReadTable, ReadsAnOptionalZeroAsGiven) {
  flatbuffers::FlatBufferBuilder fbb;
  TableRead read = read_table(fbb, "OrderLine", R"({"requested_date":"1970-01-01"})");
  ASSERT_TRUE(read);
  fbb.Finish(flatbuffers::Offset<schema::OrderLine>(read.root));
  const auto* line = flatbuffers::GetRoot<schema::OrderLine>(fbb.GetBufferPointer());
  ASSERT_TRUE(line->requested_date().has_value());
  EXPECT_EQ(*line->requested_date(), 0);
  EXPECT_FALSE(line->ship_by().has_value());
}

TEST(ReadMessage, WrapsTheTableAsItsAggregateWantsIt) {
  flatbuffers::FlatBufferBuilder fbb;
  TableRead read = read_message(fbb, "OrderHeld", R"({"reason":"Credit"})");
  ASSERT_TRUE(read);
  fbb.Finish(flatbuffers::Offset<schema::OrderEvents>(read.root));
  const auto* events = flatbuffers::GetRoot<schema::OrderEvents>(fbb.GetBufferPointer());
  EXPECT_EQ(events->event_as_OrderHeld()->reason(), schema::HoldReason::Credit);
  EXPECT_EQ(read_message(fbb, "Nothing", "{}").problems[0].code, ProblemCode::UnknownCommand);
}

TEST(ReadTable, ReadsUnionsByTypeAndData) {
  flatbuffers::FlatBufferBuilder fbb;
  TableRead read =
      read_table(fbb, "OrderEvents", R"({"event":{"data":{"reason":"Stock"},"type":"OrderHeld"}})");
  ASSERT_TRUE(read) << ::testing::PrintToString(read.problems);
  const auto code_of = [&fbb](std::string_view json) {
    const TableRead bad = read_table(fbb, "OrderEvents", json);
    return bad.problems.empty()
               ? ""
               : std::string(to_string(bad.problems[0].code)) + bad.problems[0].pointer;
  };
  EXPECT_EQ(code_of(R"({"event":{"type":"OrderHeld"}})"), "MissingField/event/data");
  EXPECT_EQ(code_of(R"({"event":{"data":{}}})"), "MissingField/event/type");
  EXPECT_EQ(code_of(R"({"event":{"type":"NONE","data":{}}})"), "OutOfRange/event/type");
  EXPECT_EQ(code_of(R"({"event":{"type":"Odd","data":{}}})"), "OutOfRange/event/type");
  EXPECT_EQ(code_of(R"({"event":{"type":"OrderHeld","data":{},"x":1}})"), "UnknownField/event/x");
  EXPECT_EQ(code_of(R"({"event":{"type":"OrderHeld","type":"OrderHeld","data":{}}})"),
            "Duplicate/event/type");
  EXPECT_EQ(code_of(R"({"event":[]})"), "WrongType/event");
}

}  // namespace
}  // namespace orderlog::codec
