// What `kcat -C -D '' -f '%R%s'` prints, read by the real binary: whole, damaged and cut off.
#include <boost/json.hpp>
#include <sstream>

#include "events/codec/sample.h"
#include "events/log/commit_writer.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

std::string length_of(std::uint32_t bytes) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(bytes >> shift);
  return text;
}

std::string record_of(std::string_view value) {
  return length_of(static_cast<std::uint32_t>(value.size())) + std::string(value);
}

std::string bytes_of(const flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string event(std::string_view name) {
  flatbuffers::FlatBufferBuilder builder;
  codec::build_sample_event(builder, *codec::SchemaRegistry::builtin().event(name));
  return bytes_of(builder);
}

std::string command(std::string_view name) {
  flatbuffers::FlatBufferBuilder builder;
  codec::build_sample_command(builder, *codec::SchemaRegistry::builtin().command(name));
  return bytes_of(builder);
}

std::string commit_of_two() {
  log::CommitWriter writer;
  const std::string held = event("OrderHeld");
  const log::Bytes bytes{reinterpret_cast<const std::uint8_t*>(held.data()), held.size()};
  writer.append_event(bytes);
  writer.append_event(bytes);
  log::LogEnd after = log::empty_end(PartitionId(3), 8);
  after.last_commit = log::CommitIndex(11);
  after.last_seq = Sequence(40);
  const auto sealed = writer.seal(PartitionId(3), after, Term(2), 1'709'210'096'789'000);
  EXPECT_TRUE(sealed.ok());
  return {reinterpret_cast<const char*>(sealed->frame.data()), sealed->frame.size()};
}

class Decode : public ProcessTest {
 protected:
  Finished decode(const std::string& stream, const std::vector<std::string>& options = {}) const {
    std::ofstream(data("stream"), std::ios::binary) << stream;
    std::vector<std::string> arguments{"decode"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments, {}, data("stream"));
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
};

constexpr const char* commit_json =
    R"({"commit":12,"partition":3,"term":2,"first_seq":41,"events":2,"outbox":0,"inbox":0,)"
    R"("recorded_at":"2024-02-29T12:34:56.789Z"})";

TEST_F(Decode, EventsCommandsAndCommitsBecomeLinesOfJson) {
  const auto decoded = decode(record_of(event("OrderHeld")) + record_of(commit_of_two()) +
                                  record_of(command("SubmitOrder")),
                              {"--json"});
  EXPECT_EQ(decoded.code, 0) << decoded.out;
  const auto lines = lines_of(decoded.out);
  ASSERT_EQ(lines.size(), 3U) << decoded.out;
  const auto held = json::parse(lines[0]);
  EXPECT_EQ(std::string(held.at("type").as_string()), "OrderHeld");
  EXPECT_TRUE(held.at("data").is_object());
  EXPECT_EQ(lines[1], commit_json);
  const auto submit = json::parse(lines[2]);
  EXPECT_EQ(std::string(submit.at("type").as_string()), "SubmitOrder");
  EXPECT_FALSE(submit.as_object().contains("seq"));
}

TEST_F(Decode, WithoutJsonTheyAreForPeople) {
  const auto decoded = decode(record_of(event("OrderHeld")) + record_of(commit_of_two()) +
                              record_of(command("SubmitOrder")));
  EXPECT_EQ(decoded.code, 0) << decoded.out;
  const auto lines = lines_of(decoded.out);
  ASSERT_EQ(lines.size(), 3U) << decoded.out;
  EXPECT_NE(lines[0].find("  OrderHeld  "), std::string::npos) << lines[0];
  EXPECT_EQ(lines[1],
            "commit 12  partition 3  term 2  first_seq 41  events 2  outbox 0  inbox 0  at "
            "2024-02-29T12:34:56.789Z");
  EXPECT_EQ(lines[2].find("command  "), 0U) << lines[2];
  EXPECT_NE(lines[2].find("  SubmitOrder  "), std::string::npos) << lines[2];
}

// On Kafka a commit's record may hold its header without its events.
TEST_F(Decode, OfACommitItsHeaderIsEnough) {
  const auto decoded = decode(record_of(commit_of_two().substr(0, 96)), {"--json"});
  EXPECT_EQ(decoded.code, 0);
  EXPECT_EQ(decoded.out, std::string(commit_json) + "\n");
}

TEST_F(Decode, NothingIsNothing) {
  const auto decoded = decode("");
  EXPECT_EQ(decoded.code, 0);
  EXPECT_EQ(decoded.out, "");
}

TEST_F(Decode, WhatCannotBeReadIsSaidAndTheRestGoesOn) {
  std::string broken = event("OrderHeld");
  broken.resize(broken.size() / 2);
  const auto decoded =
      decode(record_of("") + record_of(broken) + record_of("hello") + record_of(R"({"id":1})") +
                 record_of(commit_of_two().substr(0, 95)) + record_of(event("OrderReleased")),
             {"--json"});
  EXPECT_EQ(decoded.code, 3) << decoded.out;
  const auto lines = lines_of(decoded.out);
  ASSERT_EQ(lines.size(), 6U) << decoded.out;
  EXPECT_EQ(lines[0], "orderlog: record 1 cannot be read: its value is empty");
  EXPECT_EQ(lines[1].find("orderlog: record 2 cannot be read: not a valid Envelope: "), 0U);
  const std::string neither =
      " cannot be read: it is neither an event, nor a command, nor a commit";
  EXPECT_EQ(lines[2], "orderlog: record 3" + neither);
  EXPECT_EQ(lines[3],
            "orderlog: record 4 cannot be read: it is JSON already: kcat alone prints it");
  EXPECT_EQ(lines[4], "orderlog: record 5" + neither);
  EXPECT_NE(lines[5].find("OrderReleased"), std::string::npos);
}

// Each record cut off at each length, and with each byte damaged: one line for each, of some kind.
TEST_F(Decode, NoDamagedRecordStopsIt) {
  std::string stream;
  std::size_t records = 0;
  const auto add = [&](std::string_view value) {
    stream += record_of(value);
    ++records;
  };
  for (std::string value : {event("OrderHeld"), command("SubmitOrder"), commit_of_two()}) {
    for (std::size_t length = 0; length < value.size(); ++length) {
      add(std::string_view(value).substr(0, length));
    }
    for (char& byte : value) {
      const char good = byte;
      for (const int other : {good ^ 1, good ^ 0x80, 0, 0xFF}) {
        byte = static_cast<char>(other);
        add(value);
      }
      byte = good;
    }
  }
  for (const auto& options : std::vector<std::vector<std::string>>{{}, {"--json"}}) {
    const auto decoded = decode(stream, options);
    EXPECT_EQ(decoded.code, 3);
    EXPECT_EQ(lines_of(decoded.out).size(), records);
  }
}

TEST_F(Decode, ATombstoneIsNoFault) {
  const auto decoded =
      decode(length_of(0xFFFFFFFF) + record_of(event("OrderReleased")), {"--json"});
  EXPECT_EQ(decoded.code, 0) << decoded.out;
  const auto lines = lines_of(decoded.out);
  ASSERT_EQ(lines.size(), 2U) << decoded.out;
  EXPECT_EQ(lines[0], "orderlog: record 1 has no value (a tombstone)");
}

TEST_F(Decode, AStreamThatIsCutOffSaysWhere) {
  const std::string good = record_of(event("OrderReleased"));
  const auto in_value = decode(good + good.substr(0, 14), {"--json"});
  EXPECT_EQ(in_value.code, 1);
  EXPECT_NE(in_value.out.find("OrderReleased"), std::string::npos);
  EXPECT_NE(in_value.out.find("orderlog: record 2 is cut off after 10 of " +
                              std::to_string(good.size() - 4) + " bytes\n"),
            std::string::npos)
      << in_value.out;
  const auto in_length = decode(good + good.substr(0, 3), {"--json"});
  EXPECT_EQ(in_length.code, 1);
  EXPECT_NE(
      in_length.out.find("orderlog: record 2 is cut off after 3 of the 4 bytes of its length\n"),
      std::string::npos)
      << in_length.out;
}

TEST_F(Decode, AnotherFormatIsNotMistakenForRecords) {
  const auto text = decode("a line of text\nand another\n");
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(text.out,
            "orderlog: record 1 would have 1629514857 bytes, more than the limit of 16777216: is "
            "this what kcat -C -D '' -f '%R%s' prints?\n");
}

}  // namespace
}  // namespace orderlog::test
