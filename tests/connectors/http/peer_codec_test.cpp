// What nodes send each other: read as written, and no bytes lead a reader astray.
#include "connectors/http/peer_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "events/base/hash.h"
#include "events/schema/peer_generated.h"

namespace orderlog::http {
namespace {

using runtime::Answer;
using runtime::Outcome;

// Behind the last text there may be nothing but zeros to fill up.
constexpr std::size_t padding_max = 7;

std::string text_of(const flatbuffers::FlatBufferBuilder& built) {
  return {reinterpret_cast<const char*>(built.GetBufferPointer()), built.GetSize()};
}

std::vector<Answer> some_answers() {
  Answer accepted;
  accepted.command_id = Uuid(1, 2);
  accepted.aggregate = "Stock";
  accepted.aggregate_id = "Tee für Zwei@MAIN";
  accepted.version = 7;
  accepted.partition = PartitionId(3);
  accepted.position = Sequence(1ULL << 40);
  accepted.events = {{"StockReceived", Sequence(12), Uuid(5, 6)}, {"", Sequence(13), Uuid()}};
  accepted.replayed = true;
  Answer rejected;
  rejected.outcome = Outcome::Rejected;
  rejected.command_id = Uuid(3, 4);
  rejected.rejection =
      engine::Rejection{engine::RejectionCode::VersionConflict, "/expected_version", "it moved"};
  rejected.current_version = 0;
  Answer moved;
  moved.outcome = Outcome::NotLeading;
  moved.leader_address = "10.0.0.7:8080";
  moved.reason = "partition 3 is led by 10.0.0.7:8080";
  return {accepted, rejected, moved, Answer()};
}

std::string response_of(const std::vector<Answer>& answers) {
  flatbuffers::FlatBufferBuilder built;
  write_peer_response(built, answers);
  return text_of(built);
}

std::vector<std::string> some_commands() {
  return {std::string("\x10\0\0\0first", 9), "the second one", std::string(1'001, 'x')};
}

std::string request_of(std::string_view log, const std::vector<std::string>& commands) {
  std::vector<CommandBytes> views;
  for (const std::string& command : commands) {
    views.emplace_back(reinterpret_cast<const std::uint8_t*>(command.data()), command.size());
  }
  flatbuffers::FlatBufferBuilder built;
  write_peer_request(built, log, views);
  return text_of(built);
}

TEST(PeerCodec, AnswersAreReadAsTheyWereWritten) {
  const auto written = some_answers();
  const auto read = read_peer_response(response_of(written));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    ASSERT_TRUE((*read)[i].ok()) << (*read)[i].error().message;
    const Answer& is = *(*read)[i];
    const Answer& was = written[i];
    EXPECT_EQ(is.outcome, was.outcome);
    EXPECT_EQ(is.command_id, was.command_id);
    EXPECT_EQ(is.aggregate, was.aggregate);
    EXPECT_EQ(is.aggregate_id, was.aggregate_id);
    EXPECT_EQ(is.version, was.version);
    EXPECT_EQ(is.partition, was.partition);
    EXPECT_EQ(is.position, was.position);
    EXPECT_EQ(is.replayed, was.replayed);
    EXPECT_EQ(is.current_version, was.current_version);
    EXPECT_EQ(is.leader_address, was.leader_address);
    EXPECT_EQ(is.reason, was.reason);
    ASSERT_EQ(is.events.size(), was.events.size());
    for (std::size_t e = 0; e < was.events.size(); ++e) {
      EXPECT_EQ(is.events[e].type, was.events[e].type);
      EXPECT_EQ(is.events[e].seq, was.events[e].seq);
      EXPECT_EQ(is.events[e].event_id, was.events[e].event_id);
    }
    ASSERT_EQ(is.rejection.has_value(), was.rejection.has_value());
    if (!was.rejection) continue;
    EXPECT_EQ(is.rejection->code, was.rejection->code);
    EXPECT_EQ(is.rejection->pointer, was.rejection->pointer);
    EXPECT_EQ(is.rejection->detail, was.rejection->detail);
  }
}

TEST(PeerCodec, EveryOutcomeAndEveryRejectionComesThrough) {
  std::vector<Answer> written;
  for (int outcome = 0; outcome <= static_cast<int>(Outcome::Unknown); ++outcome) {
    Answer answer;
    answer.outcome = static_cast<Outcome>(outcome);
    if (answer.outcome != Outcome::Rejected) written.push_back(answer);
  }
  for (int code = 0; code <= static_cast<int>(engine::RejectionCode::EngineOnly); ++code) {
    Answer answer;
    answer.outcome = Outcome::Rejected;
    answer.rejection = engine::Rejection{static_cast<engine::RejectionCode>(code), "", "no"};
    written.push_back(answer);
  }
  const auto read = read_peer_response(response_of(written));
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    ASSERT_TRUE((*read)[i].ok());
    EXPECT_EQ((*read)[i]->outcome, written[i].outcome);
    if (written[i].rejection) {
      EXPECT_EQ((*read)[i]->rejection->code, written[i].rejection->code);
    }
  }
}

TEST(PeerCodec, RequestsAreReadAsTheyWereWritten) {
  const auto commands = some_commands();
  const auto read = read_peer_request(request_of("orders", commands));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->log, "orders");
  ASSERT_EQ(read->commands.size(), commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const CommandBytes bytes = read->commands[i];
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), commands[i]);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 8, 0U);
  }
}

// Bytes of this version: later ones must read them for as long as clusters are updated node by
// node. Never to be changed.
TEST(PeerCodec, TheFirstVersionsBytesAreReadForEver) {
  const auto from_hex = [](std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    }
    return bytes;
  };
  const auto to_text = [](const std::string& bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  };
  constexpr std::string_view request =
      "140000004f4c50510000000008000c0004000800080000000800000010000000060000006f726465"
      "72730000010000000c0000000000060008000400060000000400000007000000636f6d6d616e6400";
  constexpr std::string_view response =
      "100000004f4c504100000600080004000600000004000000010000002000000000001a002a002900"
      "14000000000000000000000000000000100004001a00000000000000000000000000000024000000"
      "030000000000000004000000000000000000000000020a001000070008000c000a00000000000005"
      "1800000004000000080000006974206d6f76656400000000110000002f65787065637465645f7665"
      "7273696f6e000000";
  EXPECT_EQ(to_text(request_of("orders", {"command"})), request);
  EXPECT_EQ(to_text(response_of({some_answers()[1]})), response);
  const auto read_request = read_peer_request(from_hex(request));
  ASSERT_TRUE(read_request.ok());
  EXPECT_EQ(read_request->log, "orders");
  EXPECT_EQ(read_request->commands.at(0).size(), 7U);
  const auto read_response = read_peer_response(from_hex(response));
  ASSERT_TRUE(read_response.ok() && read_response->at(0).ok());
  EXPECT_EQ(read_response->at(0)->rejection->detail, "it moved");
}

TEST(PeerCodec, WhatIsCutOffIsRefused) {
  const std::string request = request_of("orders", some_commands());
  for (std::size_t length = 0; length < request.size() - padding_max; ++length) {
    EXPECT_FALSE(read_peer_request(std::string_view(request).substr(0, length)).ok()) << length;
  }
  const std::string response = response_of(some_answers());
  for (std::size_t length = 0; length < response.size() - padding_max; ++length) {
    EXPECT_FALSE(read_peer_response(std::string_view(response).substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(read_peer_request(response).ok());
  EXPECT_FALSE(read_peer_response(request).ok());
}

// Whatever is let through can be read to its end; the address sanitizer watches.
TEST(PeerCodec, AlteredBytesNeverLeadAReaderAstray) {
  std::mt19937_64 random(20'240'229);
  const std::string request = request_of("orders", some_commands());
  const std::string response = response_of(some_answers());
  const auto altered = [&](std::string bytes) {
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    return bytes;
  };
  std::size_t seen = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto read = read_peer_request(altered(request));
    if (read.ok()) {
      for (const CommandBytes command : read->commands) {
        for (const std::uint8_t byte : command) seen += byte;
      }
    }
    const auto answers = read_peer_response(altered(response));
    if (!answers.ok()) continue;
    for (const auto& answer : *answers) seen += answer.ok() ? answer->reason.size() : 1;
  }
  for (int round = 0; round < 2'000; ++round) {
    std::string noise(random() % 400, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    EXPECT_FALSE(read_peer_request(noise).ok());
    EXPECT_FALSE(read_peer_response(noise).ok());
  }
  EXPECT_GT(seen, 0U);
}

using Answers = std::vector<flatbuffers::Offset<schema::PeerAnswer>>;

std::string finished(flatbuffers::FlatBufferBuilder& built, const Answers& answers) {
  built.Finish(schema::CreatePeerResponse(built, built.CreateVector(answers)), "OLPA");
  return text_of(built);
}

TEST(PeerCodec, AValueOfAnotherVersionIsAnErrorOfItsAnswerAlone) {
  flatbuffers::FlatBufferBuilder built;
  const auto strange = schema::CreatePeerRejection(built, schema::PeerRejectionCode(200));
  const auto with = [&](schema::PeerOutcome outcome,
                        flatbuffers::Offset<schema::PeerRejection> rejection = 0) {
    schema::PeerAnswerBuilder answer(built);
    answer.add_outcome(outcome);
    answer.add_rejection(rejection);
    return answer.Finish();
  };
  const auto bytes =
      finished(built, {with(schema::PeerOutcome(99)), with(schema::PeerOutcome::None),
                       with(schema::PeerOutcome::Rejected, strange),
                       with(schema::PeerOutcome::Rejected), with(schema::PeerOutcome::KeyReused)});
  const auto read = read_peer_response(bytes);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 5U);
  EXPECT_EQ(read->at(0).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(read->at(1).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(read->at(2).error().code, ErrorCode::Unsupported);
  EXPECT_EQ(read->at(3).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(read->at(4)->outcome, Outcome::KeyReused);
}

TEST(PeerCodec, TextsAreUtf8) {
  flatbuffers::FlatBufferBuilder built;
  const auto text = built.CreateString("caf\xC3");
  schema::PeerAnswerBuilder answer(built);
  answer.add_outcome(schema::PeerOutcome::Unknown);
  answer.add_reason(text);
  const auto read = read_peer_response(finished(built, {answer.Finish()}));
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->at(0).ok());
}

TEST(PeerCodec, AFewBytesCannotBecomeVeryMany) {
  flatbuffers::FlatBufferBuilder built;
  const auto type = built.CreateString(std::string(100'000, 'x'));
  const Uuid id(1, 1);
  const auto event = schema::CreatePeerEvent(built, type, 1, &id);
  const auto events =
      built.CreateVector(std::vector<flatbuffers::Offset<schema::PeerEvent>>(100'000, event));
  schema::PeerAnswerBuilder answer(built);
  answer.add_outcome(schema::PeerOutcome::Accepted);
  answer.add_events(events);
  const auto read = read_peer_response(finished(built, {answer.Finish()}));
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->at(0).ok());

  flatbuffers::FlatBufferBuilder request;
  const auto bytes = request.CreateVector(std::vector<std::uint8_t>(100'000, 1));
  const auto command = schema::CreatePeerCommand(request, bytes);
  const auto list =
      request.CreateVector(std::vector<flatbuffers::Offset<schema::PeerCommand>>(1'000, command));
  request.Finish(schema::CreatePeerRequest(request, 0, list), "OLPQ");
  EXPECT_FALSE(read_peer_request(text_of(request)).ok());
}

TEST(PeerCodec, NamedLimits) {
  const std::vector<std::string> most(peer_commands_max, "c");
  EXPECT_EQ(read_peer_request(request_of("", most))->commands.size(), peer_commands_max);
  const auto many = read_peer_request(request_of("", std::vector<std::string>(1'025, "c")));
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.error().code, ErrorCode::InvalidArgument);
  const auto large = read_peer_request(std::string(peer_request_bytes_max + 1, 'x'));
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(read_peer_request(request_of("", {}))->commands.empty());
}

}  // namespace
}  // namespace orderlog::http
