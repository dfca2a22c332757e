// What is parked comes back as it was.
#include "connectors/kafka/dead_letter.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "events/codec/json_text.h"
#include "tests/connectors/kafka/record_builder.h"

namespace orderlog::kafka {

namespace {

constexpr TimestampUs parked_at = 1'709'210'096'789'000;

RecordView parked(const RecordView& original, std::span<const Header> headers) {
  RecordView record = original;
  record.topic = "orders.commands.v1.dlq";
  record.partition = 0;
  record.offset = 9;
  record.headers = headers;
  return record;
}

template <class View>
void expect_same_bytes(const View& a, const View& b) {
  EXPECT_EQ(a.data() == nullptr, b.data() == nullptr) << "null and empty are not the same";
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

void expect_same(const RecordView& a, const RecordView& b) {
  EXPECT_EQ(a.topic, b.topic);
  EXPECT_EQ(a.partition, b.partition);
  EXPECT_EQ(a.offset, b.offset);
  expect_same_bytes(a.key, b.key);
  expect_same_bytes(a.value, b.value);
  ASSERT_EQ(a.headers.size(), b.headers.size());
  for (std::size_t i = 0; i < a.headers.size(); ++i) {
    EXPECT_EQ(a.headers[i].name, b.headers[i].name);
    expect_same_bytes(a.headers[i].value, b.headers[i].value);
  }
}

TEST(DeadLetter, SaysWhereAndWhyBehindTheHeadersThatWereThere) {
  TestRecord record;
  record.header("ce_id", "17").header("traceparent", "00-1-2-01").value("?");
  DeadLetterHeaders headers;
  const auto filled = headers.fill(record.view(), "ce_source is missing", parked_at, "0.1.0");
  const std::vector<Header> expected = {
      {"ce_id", "17"},
      {"traceparent", "00-1-2-01"},
      {"dlq_topic", "orders.commands.v1"},
      {"dlq_partition", "3"},
      {"dlq_offset", "42"},
      {"dlq_reason", "ce_source is missing"},
      {"dlq_time", "2024-02-29T12:34:56.789Z"},
      {"dlq_engine_version", "0.1.0"},
  };
  EXPECT_EQ(std::vector<Header>(filled.begin(), filled.end()), expected);
}

TEST(DeadLetter, ComesBackByteForByte) {
  std::mt19937 random(7);
  const auto noise = [&](std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
  };
  DeadLetterHeaders headers;
  for (int round = 0; round < 200; ++round) {
    TestRecord record;
    for (std::size_t i = random() % 5; i > 0; --i) record.header(noise(i), noise(random() % 40));
    record.header("same", "one").header("same", "two").value(noise(random() % 100));
    const RecordView& original = record.view();
    const auto filled = headers.fill(original, "because", parked_at, "0.1.0");
    const auto letter = read_dead_letter(parked(original, filled));
    ASSERT_TRUE(letter.ok()) << letter.error().message;
    expect_same(letter->original, original);
    EXPECT_EQ(letter->reason, "because");
    EXPECT_EQ(letter->at, parked_at);
    EXPECT_EQ(letter->engine_version, "0.1.0");
  }
}

TEST(DeadLetter, NullAndEmptyStayApart) {
  const std::vector<Header> own = {{"null", {}}, {"empty", ""}};
  RecordView original;
  original.topic = "t";
  original.headers = own;
  DeadLetterHeaders headers;
  const auto letter = read_dead_letter(parked(original, headers.fill(original, "", 0, "")));
  ASSERT_TRUE(letter.ok()) << letter.error().message;
  expect_same(letter->original, original);
  EXPECT_EQ(letter->original.value.data(), nullptr);
}

TEST(DeadLetter, ParkedTwiceKeepsBothStories) {
  TestRecord record;
  record.header("ce_id", "17").value("?");
  DeadLetterHeaders first;
  const RecordView once = parked(record.view(), first.fill(record.view(), "one", 1, "0.1.0"));
  DeadLetterHeaders second;
  const auto again = read_dead_letter(parked(once, second.fill(once, "two", 2, "0.2.0")));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->reason, "two");
  expect_same(again->original, once);
  const auto earlier = read_dead_letter(again->original);
  ASSERT_TRUE(earlier.ok());
  EXPECT_EQ(earlier->reason, "one");
  expect_same(earlier->original, record.view());
}

TEST(DeadLetter, WhatItsSenderGaveIsFoundHoweverOftenItWasParkedAndReplayed) {
  TestRecord record;
  record.header("ce_id", "17").header("dlq_reason", "a sender's own").value("?");
  const std::vector<Header> own(record.view().headers.begin(), record.view().headers.end());
  std::vector<Header> now = own;
  std::vector<std::unique_ptr<DeadLetterHeaders>> memory;
  for (int round = 0; round < 4; ++round) {
    RecordView view = record.view();
    view.headers = now;
    memory.push_back(std::make_unique<DeadLetterHeaders>());
    const auto filled = memory.back()->fill(view, "no", parked_at, "0.1.0");
    now.assign(filled.begin(), filled.end());
    if (round == 2) continue;  // copied back by hand, all of it
    now.push_back({replayed_from_header, "0:9"});
  }
  const auto found = senders_headers(now);
  EXPECT_EQ(std::vector<Header>(found.begin(), found.end()), own);
  EXPECT_EQ(senders_headers(own).size(), own.size());
  EXPECT_TRUE(senders_headers({}).empty());
}

TEST(ReplayNotes, AreReadBackAndTakenForNothingElse) {
  ReplayNoteHeaders headers;
  RecordView record;
  record.headers = headers.fill({9, parked_at, "ann@host"});
  const auto note = read_replay_note(record);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->offset, 9);
  EXPECT_EQ(note->at, parked_at);
  EXPECT_EQ(note->by, "ann@host");
  EXPECT_FALSE(read_dead_letter(record).ok());
  const std::vector<Header> good(record.headers.begin(), record.headers.end());
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto renamed = good;
    renamed[i].name = "dlq_other";
    record.headers = renamed;
    EXPECT_FALSE(read_replay_note(record)) << i;
    if (i == 3) continue;  // anybody may be named
    auto damaged = good;
    damaged[i].value = "x";
    record.headers = damaged;
    EXPECT_FALSE(read_replay_note(record)) << i;
  }
  DeadLetterHeaders letter;
  TestRecord original;
  EXPECT_FALSE(read_replay_note(
      parked(original.view(), letter.fill(original.view(), "because", parked_at, "0.1.0"))));
}

TEST(DeadLetter, AReasonIsOneShortLineInUtf8) {
  TestRecord record;
  DeadLetterHeaders headers;
  const auto reason_of = [&](std::string_view reason) {
    const auto filled = headers.fill(record.view(), reason, parked_at, "0.1.0");
    return std::string(filled[3].value);
  };
  EXPECT_EQ(reason_of("a\nb\tc\x7F"), "a b c ");
  EXPECT_EQ(reason_of("caf\xC3\xA9 \xFF!"), "caf\xC3\xA9 \xEF\xBF\xBD!");
  std::string snowmen;
  for (int i = 0; i < 1'000; ++i) snowmen += "\xE2\x98\x83";
  const std::string cut = reason_of(snowmen);
  EXPECT_EQ(cut.size(), dead_letter_reason_bytes_max / 3 * 3);
  EXPECT_TRUE(codec::is_utf8(cut));
}

TEST(DeadLetter, WhatIsNoneIsRefusedByName) {
  TestRecord record;
  const auto message_of = [](const RecordView& view) {
    const auto letter = read_dead_letter(view);
    EXPECT_FALSE(letter.ok());
    return letter.ok() ? std::string() : letter.error().message;
  };
  EXPECT_EQ(message_of(record.view()), "not a dead letter: its headers are too few");
  DeadLetterHeaders headers;
  const auto good = headers.fill(record.view(), "because", parked_at, "0.1.0");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::vector<Header> renamed(good.begin(), good.end());
    renamed[i].name = "dlq_other";
    EXPECT_EQ(message_of(parked(record.view(), renamed)),
              "not a dead letter: " + std::string(good[i].name) + " is not where it belongs");
  }
  for (const std::size_t i : {1U, 2U, 4U}) {
    for (const char* wrong : {"", "x", "3x", "99999999999999999999"}) {
      std::vector<Header> damaged(good.begin(), good.end());
      damaged[i].value = wrong;
      EXPECT_NE(message_of(parked(record.view(), damaged)).find(good[i].name), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace orderlog::kafka
