// Commits as records of a topic, and back: byte for byte, or an error.
#include "events/log/kafka/records.h"

#include <gtest/gtest.h>

#include "tests/events/log/log_setup.h"

namespace orderlog::log::kafka {
namespace {

using test::must;
using test::PartitionWriter;
using test::text_of;

struct StoredRecord {
  RecordKind kind;
  CommitIndex commit;
  std::string value;
};

std::vector<StoredRecord> records_of(const SealedCommit& sealed) {
  const auto commit = must(CommitView::parse(sealed.frame));
  std::vector<StoredRecord> records;
  for (const Bytes event : commit.events()) {
    records.push_back({RecordKind::Event, commit.index(), text_of(event)});
  }
  std::vector<std::uint8_t> closing;
  write_closing_record(commit, closing);
  records.push_back({RecordKind::Commit, commit.index(), text_of(closing)});
  return records;
}

Result<std::optional<std::string>> add(CommitAssembler& assembler, const StoredRecord& record) {
  auto frame = assembler.add({record.kind, record.commit, test::bytes_of(record.value)});
  if (!frame) return frame.error();
  if (!*frame) return std::optional<std::string>();
  return std::optional<std::string>(text_of(**frame));
}

class Records : public testing::Test {
 protected:
  PartitionWriter writer{Claim{PartitionId(0), Term(1), empty_end(PartitionId(0), 1)}};
  CommitAssembler assembler;

  // The next commit's frame and its records.
  std::pair<std::string, std::vector<StoredRecord>> commit(const test::CommitContent& content) {
    const SealedCommit sealed = writer.seal(content);
    std::pair made{text_of(sealed.frame), records_of(sealed)};
    writer.advance(sealed);
    return made;
  }
};

TEST_F(Records, GiveTheFrameByteForByte) {
  const std::vector<test::CommitContent> contents{
      {{"one"}, {}, {}},
      {{}, {{1, 1, "do this"}}, {}},
      {{}, {}, {{PartitionId(1), OutboxSequence(4), CommitIndex(2)}}},
      {{"", "12345678", std::string(10'000, 'x')}, {{2, 1, "a"}, {3, 1, ""}}, {}},
      {{"last"}, {{1, 2, "and that"}}, {{PartitionId(0), OutboxSequence(1), CommitIndex(1)}}}};
  for (const auto& content : contents) {
    const auto [frame, records] = commit(content);
    for (std::size_t i = 0; i + 1 < records.size(); ++i) {
      EXPECT_FALSE(must(add(assembler, records[i])).has_value());
    }
    EXPECT_EQ(must(add(assembler, records.back())), frame);
  }
}

TEST_F(Records, OthersInBetweenDoNotMatter) {
  const auto [frame, records] = commit({{"one", "two"}, {}, {}});
  for (const auto& record : records) {
    EXPECT_FALSE(must(add(assembler, {RecordKind::Foreign, CommitIndex(0), "hello"})).has_value());
    const auto whole = must(add(assembler, record));
    EXPECT_EQ(whole.has_value(), record.kind == RecordKind::Commit);
    EXPECT_EQ(whole.value_or(frame), frame);
  }
}

TEST_F(Records, OneThatIsMissingIsNoticed) {
  const auto [frame, records] = commit({{"one", "two", "three"}, {}, {}});
  for (std::size_t missing = 0; missing < 3; ++missing) {
    CommitAssembler fresh;
    for (std::size_t i = 0; i < 3; ++i) {
      if (i != missing) must(add(fresh, records[i]));
    }
    const auto closed = add(fresh, records[3]);
    ASSERT_FALSE(closed.ok());
    EXPECT_EQ(closed.error().code, ErrorCode::Corrupt);
  }
}

// What the assembler cannot see (same number and lengths) the frame's hash does.
TEST_F(Records, OneThatIsAlteredIsNoticedHereOrByTheHash) {
  const auto [frame, records] = commit({{"one", "two"}, {{1, 1, "do this"}}, {}});
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (std::size_t at = 0; at < records[i].value.size(); ++at) {
      auto altered = records;
      altered[i].value[at] = static_cast<char>(altered[i].value[at] ^ 1);
      CommitAssembler fresh;
      bool refused = false;
      for (const auto& record : altered) {
        const auto taken = fresh.add({record.kind, record.commit, test::bytes_of(record.value)});
        if (!taken) {
          refused = true;
          break;
        }
        if (!*taken) continue;
        const auto view = CommitView::parse(**taken);
        refused = !view.ok() || !view->verify_hash();
      }
      EXPECT_TRUE(refused) << "record " << i << ", byte " << at;
    }
  }
}

TEST_F(Records, ACutOffOneIsNoticed) {
  const auto [frame, records] = commit({{"one"}, {{1, 1, "do this"}}, {}});
  for (std::size_t bytes = 0; bytes < records[1].value.size(); ++bytes) {
    CommitAssembler fresh;
    must(add(fresh, records[0]));
    const std::string cut = records[1].value.substr(0, bytes);
    const auto taken = fresh.add({RecordKind::Commit, CommitIndex(1), test::bytes_of(cut)});
    if (!taken) continue;
    EXPECT_FALSE(CommitView::parse(taken->value()).ok()) << bytes;
  }
}

TEST_F(Records, WhatWasLeftUnfinishedIsForgotten) {
  const auto [first_frame, first] = commit({{"one", "two"}, {}, {}});
  const auto [second_frame, second] = commit({{"three"}, {}, {}});
  must(add(assembler, first[0]));
  must(add(assembler, second[0]));
  EXPECT_EQ(must(add(assembler, second[1])), second_frame);
}

TEST_F(Records, AnIndexIsADecimalNumberAndNothingElse) {
  EXPECT_EQ(read_index("42"), CommitIndex(42));
  EXPECT_EQ(read_index("18446744073709551615"), CommitIndex(UINT64_MAX));
  for (const char* wrong :
       {"", "0", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "one"}) {
    EXPECT_EQ(read_index(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace orderlog::log::kafka
