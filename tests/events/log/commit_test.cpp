// The commit frame: what was written is read, foreign bytes are refused, and writing is frugal.
#include "events/log/commit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>

#include "events/log/commit_writer.h"
#include "log_setup.h"

namespace orderlog::log::test {
extern std::atomic<std::size_t> allocations;  // allocation_count.cpp
}

namespace orderlog::log {
namespace {

using test::bytes_of;
using test::must;
using test::text_of;

// Aligned as the log gives frames to its readers, and not a byte longer.
class AlignedCopy {
 public:
  explicit AlignedCopy(Bytes bytes) : words_((bytes.size() + 7) / 8), size_(bytes.size()) {
    if (size_ > 0) std::memcpy(words_.data(), bytes.data(), size_);
  }
  MutableBytes bytes() { return {reinterpret_cast<std::uint8_t*>(words_.data()), size_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

LogEnd some_end() {
  LogEnd end{CommitIndex(41), Sequence(1'000), Term(6), {}};
  end.last_hash.fill(0xAB);
  return end;
}

// Three events, two outbox entries, two inbox positions, with lengths that need padding.
std::string sample_frame() {
  CommitWriter writer;
  writer.append_event(bytes_of("a"));
  writer.append_outbox(PartitionId(3), OutboxSequence(7), bytes_of("command"));
  writer.append_event(bytes_of("eight by"));
  writer.set_inbox_position({PartitionId(5), OutboxSequence(2), CommitIndex(9)});
  writer.append_event(bytes_of(""));
  writer.append_outbox(PartitionId(0), OutboxSequence(1), bytes_of(""));
  writer.set_inbox_position({PartitionId(1), OutboxSequence(4), CommitIndex(8)});
  return text_of(must(writer.seal(PartitionId(2), some_end(), Term(7), 123)).frame);
}

// Touches everything that a view can reach; for sanitizers.
std::uint64_t walk(const CommitView& commit) {
  std::uint64_t sum = 0;
  for (const Bytes event : commit.events()) {
    for (const auto byte : event) sum += byte;
  }
  for (const OutboxEntry entry : commit.outbox()) {
    for (const auto byte : entry.command) sum += byte + entry.sequence.value;
  }
  for (const InboxPosition position : commit.inbox()) sum += position.consumed.value;
  return sum + (commit.verify_hash() ? 1 : 0) + commit.end().last_seq.value;
}

TEST(Commit, WhatWasWrittenIsRead) {
  AlignedCopy copy(bytes_of(sample_frame()));
  const CommitView commit = must(CommitView::parse(copy.bytes()));
  EXPECT_EQ(commit.partition(), PartitionId(2));
  EXPECT_EQ(commit.index(), CommitIndex(42));
  EXPECT_EQ(commit.header().term, Term(7));
  EXPECT_EQ(commit.first_seq(), Sequence(1'001));
  EXPECT_EQ(commit.last_seq(), Sequence(1'003));
  EXPECT_EQ(commit.header().recorded_at, 123);
  EXPECT_EQ(commit.header().prev_hash, some_end().last_hash);
  EXPECT_TRUE(commit.verify_hash());

  std::vector<std::string> events;
  for (const Bytes event : commit.events()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(event.data()) % 8, 0u);
    events.push_back(text_of(event));
  }
  EXPECT_EQ(events, (std::vector<std::string>{"a", "eight by", ""}));

  std::vector<std::string> commands;
  for (const OutboxEntry entry : commit.outbox()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(entry.command.data()) % 8, 0u);
    commands.push_back(std::to_string(entry.target.value) + "#" +
                       std::to_string(entry.sequence.value) + " " + text_of(entry.command));
  }
  EXPECT_EQ(commands, (std::vector<std::string>{"3#7 command", "0#1 "}));

  const InboxRange inbox = commit.inbox();
  EXPECT_EQ((std::vector<InboxPosition>(inbox.begin(), inbox.end())),
            (std::vector<InboxPosition>{{PartitionId(1), OutboxSequence(4), CommitIndex(8)},
                                        {PartitionId(5), OutboxSequence(2), CommitIndex(9)}}));
}

TEST(Commit, TheFormatIsReleasedAndMayNotDrift) {
  // A changed hash means that logs written before can no longer be read: raise the version instead.
  EXPECT_EQ(to_hex(sha256(bytes_of(sample_frame()))),
            "2928c79a095d4019d63111af9667149198eaa56d2705a4e5c076060eecf3b752");
  EXPECT_EQ(to_hex(genesis_hash(PartitionId(3), 16)),
            "77259707d9c142a4efd1de82bf7f308f1b2c4d7734fb4b3724a0b5fad012ca52");
  EXPECT_NE(genesis_hash(PartitionId(3), 16), genesis_hash(PartitionId(3), 17));
  EXPECT_NE(genesis_hash(PartitionId(3), 16), genesis_hash(PartitionId(4), 16));
}

TEST(Commit, WithoutEventsKeepsItsPlace) {
  CommitWriter writer;
  const SealedCommit sealed = must(writer.seal(PartitionId(0), some_end(), Term(7), 5));
  AlignedCopy copy(sealed.frame);
  const CommitView commit = must(CommitView::parse(copy.bytes()));
  EXPECT_EQ(commit.first_seq(), Sequence(1'001));
  EXPECT_EQ(commit.last_seq(), Sequence(1'000));
  EXPECT_TRUE(commit.events().empty());
  EXPECT_EQ(commit.end(), sealed.end());
  EXPECT_EQ(commit.end().last_commit, CommitIndex(42));
  EXPECT_EQ(commit.end().last_seq, Sequence(1'000));
}

TEST(Commit, EventsCanBePatchedUntilItIsSealed) {
  CommitWriter writer;
  writer.append_event(bytes_of("first"))[0] = 'F';
  writer.append_event(bytes_of("second"));
  writer.event(0)[4] = 'T';
  writer.event(1)[5] = 'D';
  AlignedCopy copy(must(writer.seal(PartitionId(0), some_end(), Term(7), 5)).frame);
  const CommitView commit = must(CommitView::parse(copy.bytes()));
  auto event = commit.events().begin();
  EXPECT_EQ(text_of(*event++), "FirsT");
  EXPECT_EQ(text_of(*event), "seconD");
  EXPECT_TRUE(commit.verify_hash());
}

TEST(Commit, ALaterInboxPositionReplacesTheEarlier) {
  CommitWriter writer;
  writer.set_inbox_position({PartitionId(1), OutboxSequence(4), CommitIndex(8)});
  writer.set_inbox_position({PartitionId(1), OutboxSequence(5), CommitIndex(9)});
  AlignedCopy copy(must(writer.seal(PartitionId(0), some_end(), Term(7), 5)).frame);
  const CommitView commit = must(CommitView::parse(copy.bytes()));
  ASSERT_EQ(commit.inbox().size(), 1u);
  EXPECT_EQ((*commit.inbox().begin()).consumed, OutboxSequence(5));
}

TEST(Commit, SaysItsSizeBeforehand) {
  CommitWriter writer;
  writer.append_event(bytes_of("12345"));
  writer.append_outbox(PartitionId(1), OutboxSequence(1), bytes_of("123"));
  writer.set_inbox_position({PartitionId(1), OutboxSequence(4), CommitIndex(8)});
  const std::size_t bytes = writer.frame_bytes();
  EXPECT_EQ(must(writer.seal(PartitionId(0), some_end(), Term(7), 5)).frame.size(), bytes);
}

TEST(Commit, BeyondALimitIsRefused) {
  CommitWriter writer;
  for (std::uint32_t i = 0; i <= commit_events_max; ++i) writer.append_event(bytes_of("e"));
  auto sealed = writer.seal(PartitionId(0), some_end(), Term(7), 5);
  ASSERT_FALSE(sealed.ok());
  EXPECT_EQ(sealed.error().code, ErrorCode::Overflow);

  writer.reset();
  writer.append_event(bytes_of(std::string(commit_bytes_max, 'x')));
  sealed = writer.seal(PartitionId(0), some_end(), Term(7), 5);
  ASSERT_FALSE(sealed.ok());
  EXPECT_EQ(sealed.error().code, ErrorCode::Overflow);

  writer.reset();
  for (std::uint32_t i = 1; i <= commit_outbox_max + 1; ++i) {
    writer.append_outbox(PartitionId(1), OutboxSequence(i), bytes_of("c"));
  }
  sealed = writer.seal(PartitionId(0), some_end(), Term(7), 5);
  ASSERT_FALSE(sealed.ok());
  EXPECT_EQ(sealed.error().code, ErrorCode::Overflow);
}

TEST(Commit, AWarmWriterDoesNotAllocate) {
  CommitWriter writer;
  const std::string event(256, 'e');
  LogEnd end = some_end();
  const auto write_one = [&] {
    writer.reset();
    for (int i = 0; i < 64; ++i) writer.append_event(bytes_of(event));
    writer.append_outbox(PartitionId(3), OutboxSequence(7), bytes_of(event));
    writer.set_inbox_position({PartitionId(5), OutboxSequence(2), CommitIndex(9)});
    auto sealed = writer.seal(PartitionId(2), end, Term(7), 123);
    ORDERLOG_ENSURE(sealed.ok(), "not sealed");
    end = sealed->end();
  };
  write_one();
  const std::size_t before = test::allocations;
  for (int i = 0; i < 100; ++i) write_one();
  EXPECT_EQ(test::allocations - before, 0u);
}

TEST(HostileFrame, IsRefusedAtEveryLength) {
  const std::string frame = sample_frame();
  for (std::size_t bytes = 0; bytes < frame.size(); ++bytes) {
    AlignedCopy copy(bytes_of(frame.substr(0, bytes)));
    EXPECT_FALSE(CommitView::parse(copy.bytes()).ok()) << bytes << " bytes";
  }
  AlignedCopy longer(bytes_of(frame + std::string(8, '\0')));
  EXPECT_FALSE(CommitView::parse(longer.bytes()).ok());
}

TEST(HostileFrame, NoFlippedBitGoesUnnoticed) {
  const std::string frame = sample_frame();
  AlignedCopy copy(bytes_of(frame));
  for (std::size_t i = 0; i < frame.size() * 8; ++i) {
    copy.bytes()[i / 8] ^= static_cast<std::uint8_t>(1 << (i % 8));
    const auto commit = CommitView::parse(copy.bytes());
    if (commit) {
      EXPECT_FALSE(commit->verify_hash()) << "bit " << i;
      walk(*commit);
    }
    copy.bytes()[i / 8] ^= static_cast<std::uint8_t>(1 << (i % 8));
  }
}

// One content, one form: else two different hashes could stand for the same commit.
TEST(HostileFrame, WithSomethingInItsPaddingIsRefused) {
  const std::string frame = sample_frame();
  const std::size_t behind_event = 96 + 8 + 1;  // "a"
  const std::size_t behind_command = 96 + 16 + 16 + 8 + 16 + 7;
  ASSERT_EQ(frame.substr(behind_command - 7, 8), std::string("command\0", 8));
  for (const std::size_t at : {behind_event, behind_command, std::size_t{6}}) {
    AlignedCopy copy(bytes_of(frame));
    ASSERT_TRUE(CommitView::parse(copy.bytes()).ok());
    copy.bytes()[at] = 'x';
    EXPECT_FALSE(CommitView::parse(copy.bytes()).ok()) << "byte " << at;
  }
}

TEST(HostileFrame, RandomDamageNeverCrashes) {
  std::mt19937_64 random(20'240'229);
  const std::string frame = sample_frame();
  std::size_t parsed = 0;
  for (int round = 0; round < 200'000; ++round) {
    AlignedCopy copy(bytes_of(frame));
    const std::size_t changes = 1 + random() % 4;
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t at = random() % frame.size();
      // Lengths and counts with extreme values are the interesting ones.
      static constexpr std::uint32_t extremes[] = {0, 1, 7, 8, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFF8};
      if (random() % 2 == 0 && at + 4 <= frame.size()) {
        const std::uint32_t value = extremes[random() % std::size(extremes)];
        std::memcpy(copy.bytes().data() + at / 4 * 4, &value, sizeof value);
      } else {
        copy.bytes()[at] = static_cast<std::uint8_t>(random());
      }
    }
    if (const auto commit = CommitView::parse(copy.bytes())) {
      walk(*commit);
      ++parsed;
    }
  }
  EXPECT_GT(parsed, 1'000u);  // else the damage never got past the first check
}

TEST(HostileFrame, OfANewerVersionIsToldApart) {
  AlignedCopy copy(bytes_of(sample_frame()));
  copy.bytes()[4] = 2;
  const auto commit = CommitView::parse(copy.bytes());
  ASSERT_FALSE(commit.ok());
  EXPECT_EQ(commit.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace orderlog::log
