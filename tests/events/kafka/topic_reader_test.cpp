// What a reader says about offsets that a topic does not have: deleted, or not there yet.
#include "events/log/kafka/topic_reader.h"

#include "tests/events/kafka/kafka_setup.h"
#include "tests/events/kafka/raw_topic.h"

namespace orderlog::log::test {
namespace {

constexpr std::uint32_t timeout_ms = 20'000;

class TopicReading : public ::testing::Test {
 protected:
  void open(std::uint32_t partitions, int records) {
    topic_ = make_topic(partitions);
    raw_ = std::make_unique<RawTopic>(topic_);
    add(records);
    reader_ = must(kafka::TopicReader::open(kafka_client(), topic_,
                                            [this](const auto& gap) { gaps_.push_back(gap); }));
  }
  void add(int records) {
    std::vector<RawRecord> list;
    for (int i = 0; i < records; ++i) list.push_back({"", "value " + std::to_string(i), {}});
    raw_->produce_all(list);
  }
  void read(std::int64_t from) { must(reader_->read({{PartitionId(0), from}})); }
  // Its offset; -1: the end came before.
  std::int64_t next() {
    do {
      const auto* record = must(reader_->poll(timeout_ms));
      if (record != nullptr) return record->offset;
    } while (!reader_->position(PartitionId(0)).at_end);
    return -1;
  }
  void expect_gap(std::int64_t expected, std::int64_t first) {
    ASSERT_EQ(gaps_.size(), 1u);
    EXPECT_EQ(gaps_[0].partition, PartitionId(0));
    EXPECT_EQ(gaps_[0].expected, expected);
    EXPECT_EQ(gaps_[0].first, first);
  }

  std::string topic_;
  std::unique_ptr<RawTopic> raw_;
  std::unique_ptr<kafka::TopicReader> reader_;
  std::vector<kafka::TopicGap> gaps_;
};

TEST_F(TopicReading, WithoutGapsNoneIsTold) {
  open(1, 3);
  read(1);
  EXPECT_EQ(next(), 1);
  EXPECT_EQ(next(), 2);
  EXPECT_EQ(next(), -1);
  EXPECT_EQ(reader_->position(PartitionId(0)).next, 3);
  EXPECT_TRUE(gaps_.empty());
}

TEST_F(TopicReading, DeletedRecordsAreToldBeforeTheFirstThatIsLeft) {
  open(1, 10);
  raw_->delete_records_before(6);
  read(2);
  EXPECT_EQ(next(), 6);
  expect_gap(2, 6);
  for (std::int64_t offset = 7; offset < 10; ++offset) EXPECT_EQ(next(), offset);
  EXPECT_EQ(next(), -1);
  EXPECT_EQ(gaps_.size(), 1u);
}

TEST_F(TopicReading, WhenNothingIsLeftItIsToldAtTheEnd) {
  open(1, 10);
  raw_->delete_records_before(10);
  read(2);
  EXPECT_EQ(next(), -1);
  expect_gap(2, 10);
  EXPECT_EQ(reader_->position(PartitionId(0)).next, 10);
  add(1);
  EXPECT_EQ(next(), 10);
  EXPECT_EQ(gaps_.size(), 1u);
}

TEST_F(TopicReading, AnOffsetBehindTheEndIsAGapBackwards) {
  open(1, 3);
  read(100);
  EXPECT_EQ(next(), 0);
  expect_gap(100, 0);
}

TEST_F(TopicReading, RecordsDeletedWhileTheyAreReadAreToldToo) {
  open(1, 4);
  read(0);
  while (next() >= 0) {
  }
  must(reader_->read({}));  // it stands still while records come and go
  add(6);
  raw_->delete_records_before(9);
  read(4);
  EXPECT_EQ(next(), 9);
  expect_gap(4, 9);
}

TEST_F(TopicReading, OtherPartitionsGoOnWhereTheyWere) {
  open(2, 5);
  raw_->delete_records_before(4);
  must(reader_->read({{PartitionId(0), 1}, {PartitionId(1), 0}}));
  EXPECT_EQ(next(), 4);
  expect_gap(1, 4);
  while (!reader_->position(PartitionId(1)).at_end) (void)must(reader_->poll(timeout_ms));
  EXPECT_EQ(reader_->position(PartitionId(1)).next, 0);
  EXPECT_EQ(gaps_.size(), 1u);
}

}  // namespace
}  // namespace orderlog::log::test
