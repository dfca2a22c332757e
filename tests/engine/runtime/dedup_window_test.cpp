#include "engine/runtime/dedup_window.h"

#include <gtest/gtest.h>

namespace orderlog::runtime {
namespace {

Uuid id(int number) { return uuid_of_key("test", std::to_string(number)); }

TEST(DedupWindow, ForgetsTheOldestAndTellsWhatIsSaved) {
  DedupWindow window({.commands_max = 2, .age_max_us = 1'000});
  for (int i = 1; i <= 2; ++i) window.add(id(i), log::CommitIndex(i), i);
  const std::string chunk = window.take_unsaved();
  EXPECT_TRUE(window.take_unsaved().empty());
  window.add(id(3), log::CommitIndex(3), 3);
  EXPECT_EQ(window.find(id(1)), std::nullopt);
  EXPECT_EQ(window.find(id(3)), log::CommitIndex(3));
  EXPECT_EQ(window.evicted(), 1u);
  DedupWindow read({.commands_max = 2, .age_max_us = 1'000});
  ASSERT_TRUE(read.load(chunk));
  EXPECT_EQ(read.find(id(1)), log::CommitIndex(1));
  EXPECT_EQ(read.find(id(2)), log::CommitIndex(2));
}

// Entries that leave before they are saved are in no chunk: counted, they would have made chunks go
// whose entries are still held.
TEST(DedupWindow, WhatLeavesUnsavedIsNotCounted) {
  DedupWindow window({.commands_max = 100, .age_max_us = 1'000});
  for (int i = 1; i <= 3; ++i) window.add(id(i), log::CommitIndex(i), i);
  window.add(id(4), log::CommitIndex(4), 5'000);
  EXPECT_EQ(window.size(), 1u);
  EXPECT_EQ(window.evicted(), 0u);
  DedupWindow read({.commands_max = 100, .age_max_us = 1'000});
  ASSERT_TRUE(read.load(window.take_unsaved()));
  EXPECT_EQ(read.size(), 1u);
  EXPECT_EQ(read.find(id(4)), log::CommitIndex(4));
  window.add(id(5), log::CommitIndex(5), 7'000);
  EXPECT_EQ(window.evicted(), 1u);
}

}  // namespace
}  // namespace orderlog::runtime
