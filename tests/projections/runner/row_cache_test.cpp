// Which rows a table keeps in memory between batches, and that places which are looked up together
// are not remembered longer than their rows.
#include "projections/store/row_cache.h"

#include <gtest/gtest.h>

#include <map>

#include "projections/store/table.h"
#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

constexpr std::size_t cached_rows_max = 2;

// What was written, and how often it was asked for a row.
struct Stored final : RowSource {
  std::map<std::string, std::string, std::less<>> rows;
  int reads = 0;

  Result<std::optional<std::string>> row(std::uint8_t, std::string_view key) override {
    ++reads;
    const auto found = rows.find(key);
    if (found == rows.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }
};

struct RowCache : ::testing::Test {
  Stored stored;
  const TableDefinition definition = define_table<TallyRow>("Tally", {}, nullptr, cached_rows_max);
  Table<TallyRow> table{definition};
  int named = 0;

  void SetUp() override { table.connect(&stored, 0); }
  void end_batch() {
    table.for_each_change([this](const TableBase::RowChange& change) {
      stored.rows[std::string(change.key)] = change.bytes.value();
    });
    table.written();
  }
  // A batch that counts one more in each of these rows, found under one name.
  void count_together(const std::string& name, const std::vector<std::string>& keys) {
    const auto& slots = table.reach_all(name, [&] {
      ++named;
      return keys;
    });
    for (Slot* slot : slots) ++table.put(*slot).version;
    end_batch();
  }
  std::uint64_t version(const std::string& key) {
    const TallyRow* row = table.find(key);
    return row == nullptr ? 0 : row->version;
  }
};

TEST_F(RowCache, RowsThatAreKeptAreNotReadAgain) {
  count_together("both", {"a", "b"});
  count_together("both", {"a", "b"});
  EXPECT_EQ(stored.reads, 2);
  EXPECT_EQ(named, 1);
  EXPECT_EQ(version("a"), 2U);
}

TEST_F(RowCache, PlacesAreForgottenWithTheirRows) {
  count_together("both", {"a", "b"});
  count_together("others", {"c", "d"});  // one batch, two rows: the first two have to go
  count_together("both", {"a", "b"});
  EXPECT_EQ(named, 3);
  EXPECT_EQ(version("a"), 2U);
  EXPECT_EQ(version("b"), 2U);
  count_together("others", {"c", "d"});
  EXPECT_EQ(version("d"), 2U);
}

TEST_F(RowCache, APlaceThatIsNewIsNotLookedFor) {
  ++table.put(table.reach_new("a")).version;
  ++table.put(table.reach_new("a")).version;  // found in the batch that made it
  end_batch();
  EXPECT_EQ(stored.reads, 0);
  count_together("c", {"c"});
  count_together("d", {"d"});
  EXPECT_EQ(version("a"), 2U);
}

}  // namespace
}  // namespace orderlog::projections::test
