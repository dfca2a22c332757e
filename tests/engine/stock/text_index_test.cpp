// Against std::map, with entries that come, go and come back while the index grows.
#include "engine/text_index.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>

namespace {

struct Entry {
  std::string id;
};
using Index = orderlog::engine::TextIndex<Entry, &Entry::id>;

TEST(TextIndex, FindsWhatIsInAndNothingElse) {
  constexpr int steps = 50'000;
  constexpr int ids = 5'000;
  constexpr unsigned seed = 20'261'123;
  std::mt19937 random(seed);
  std::map<std::string, std::unique_ptr<Entry>> expected;
  Index index;
  for (int step = 0; step < steps; ++step) {
    const std::string id = "an id that is no short string " + std::to_string(random() % ids);
    const auto known = expected.find(id);
    ASSERT_EQ(index.find(id), known == expected.end() ? nullptr : known->second.get());
    if (known == expected.end()) {
      index.insert(*expected.emplace(id, std::make_unique<Entry>(Entry{id})).first->second);
    } else if (random() % 2 == 0) {
      index.erase(*known->second);
      expected.erase(known);
    }
  }
  EXPECT_GT(expected.size(), static_cast<std::size_t>(ids / 3));
  for (const auto& [id, entry] : expected) EXPECT_EQ(index.find(id), entry.get());
}

TEST(TextIndex, IsMovedWithoutItsEntries) {
  const Entry entry{"R-1"};
  Index from;
  from.insert(entry);
  const Index to = std::move(from);
  EXPECT_EQ(to.find("R-1"), &entry);
  EXPECT_EQ(to.find(""), nullptr);
}

}  // namespace
