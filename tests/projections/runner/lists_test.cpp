// Lists: keyset pages that stay stable while rows come and go, exact totals, and cursors that can
// neither be altered nor taken elsewhere.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

using Ids = std::vector<std::string>;

struct Lists : ::testing::Test {
  World world{{tally_model()}, 2};
  WrittenLog& log = world.written;

  void add(const std::string& id, const std::string& group) {
    log.add(id, move_to(group));
    world.catch_up();
  }
  Result<ReportPage> page(Parameters parameters, const std::string& cursor, std::uint32_t limit = 2,
                          ListOrder order = ListOrder::Default) {
    ReportRequest asked = world.request("tally", std::move(parameters));
    asked.cursor = cursor;
    asked.limit = limit;
    asked.order = order;
    return world.runner->report(asked);
  }
  static Ids ids_in(const ReportPage& page) {
    Ids ids;
    for (const std::string& bytes : page.rows) {
      ids.push_back(flatbuffers::GetRoot<schema::OrderStatusRow>(bytes.data())->order_id()->str());
    }
    return ids;
  }
};

TEST_F(Lists, PagesGoOnWhereTheLastOneEndedThoughRowsComeAndGo) {
  for (const char* id : {"A-1", "A-3", "A-5", "A-7"}) add(id, "g");
  auto first = page({{"group", "g"}}, "").value();
  EXPECT_EQ(ids_in(first), (Ids{"A-1", "A-3"}));
  EXPECT_EQ(first.total, 4U);
  add("A-2", "g");                            // before the cursor: not seen again
  add("A-4", "g");                            // after it
  log.add("A-3", schema::OrderCancelledT());  // the row of the cursor itself
  world.catch_up();
  auto second = page({{"group", "g"}}, first.next_cursor).value();
  EXPECT_EQ(ids_in(second), (Ids{"A-4", "A-5"}));
  EXPECT_EQ(second.total, 5U);
  auto third = page({{"group", "g"}}, second.next_cursor).value();
  EXPECT_EQ(ids_in(third), (Ids{"A-7"}));
  EXPECT_TRUE(third.next_cursor.empty());
}

TEST_F(Lists, BothDirectionsAndAllGroupsTogether) {
  add("A-1", "g");
  add("A-2", "h");
  add("A-3", "i");
  add("A-4", "g");
  EXPECT_EQ(ids_in(page({}, "", 10).value()), (Ids{"A-1", "A-2", "A-3", "A-4"}));
  auto first = page({}, "", 3, ListOrder::Descending).value();
  EXPECT_EQ(ids_in(first), (Ids{"A-4", "A-3", "A-2"}));
  auto second = page({}, first.next_cursor, 3, ListOrder::Descending).value();
  EXPECT_EQ(ids_in(second), (Ids{"A-1"}));
  EXPECT_EQ(second.total, 4U);
}

TEST_F(Lists, ClusteredIndexesListTheRowsThemselves) {
  for (const char* id : {"A-2", "B-1", "A-1", "AB-1", "B-2"}) add(id, "g");
  EXPECT_EQ(ids_in(page({{"prefix", "A-"}}, "", 10).value()), (Ids{"A-1", "A-2"}));
  auto first = page({{"prefix", "B-"}}, "", 1).value();
  EXPECT_EQ(ids_in(first), (Ids{"B-1"}));
  EXPECT_EQ(first.total, 2U);
  EXPECT_EQ(ids_in(page({{"prefix", "B-"}}, first.next_cursor, 1).value()), (Ids{"B-2"}));
}

TEST_F(Lists, GroupsWithZerosAndCommonBeginningsStayApart) {
  const std::string odd("g\0", 2);
  add("A-1", "g");
  add("A-2", odd);
  add("A-3", "gg");
  EXPECT_EQ(ids_in(page({{"group", "g"}}, "").value()), (Ids{"A-1"}));
  EXPECT_EQ(ids_in(page({{"group", odd}}, "").value()), (Ids{"A-2"}));
  EXPECT_EQ(page({{"group", "g"}}, "").value().total, 1U);
}

TEST_F(Lists, AnAlteredCursorIsRefused) {
  for (const char* id : {"A-1", "A-2", "A-3"}) add(id, "g");
  const std::string cursor = page({{"group", "g"}}, "").value().next_cursor;
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string altered = cursor;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    const auto answer = page({{"group", "g"}}, altered);
    ASSERT_FALSE(answer.ok()) << "position " << i;
    EXPECT_EQ(answer.error().code, ErrorCode::InvalidArgument);
  }
  for (const std::string& other :
       {cursor.substr(1), cursor + "A", std::string("%"), cursor + "="}) {
    EXPECT_FALSE(page({{"group", "g"}}, other).ok()) << other;
  }
}

TEST_F(Lists, ACursorBelongsToItsQuestionAndVersion) {
  for (const char* id : {"A-1", "A-2", "A-3"}) add(id, "g");
  const std::string cursor = page({{"group", "g"}}, "").value().next_cursor;
  EXPECT_FALSE(page({{"group", "h"}}, cursor).ok());
  EXPECT_FALSE(page({{"prefix", "g"}}, cursor).ok());
  EXPECT_FALSE(page({}, cursor).ok());
  EXPECT_FALSE(page({{"group", "g"}}, cursor, 2, ListOrder::Descending).ok());
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_TRUE(page({{"group", "g"}}, cursor).ok());  // the same rows built anew
  world.set_models({tally_model({.version = 2})});
  world.open();
  world.catch_up();
  EXPECT_EQ(page({{"group", "g"}}, cursor).error().code, ErrorCode::InvalidArgument);
}

TEST_F(Lists, LimitsHaveABound) {
  EXPECT_EQ(page({}, "", report_rows_max + 1).error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(page({}, "", report_rows_max).ok());
  const std::string long_value(report_parameter_bytes_max + 1, 'x');
  EXPECT_EQ(page({{"group", long_value}}, "").error().code, ErrorCode::InvalidArgument);
}

RC_GTEST_PROP(Totals, AreExactWhateverHappens, ()) {
  World world({tally_model()}, 2);
  std::map<std::string, std::string> groups;  // by id
  const int steps = *rc::gen::inRange(1, 80);
  for (int i = 0; i < steps; ++i) {
    const std::string id = std::string(1, "AB"[*rc::gen::inRange(0, 2)]) + "-" +
                           std::to_string(*rc::gen::inRange(0, 12));
    if (*rc::gen::inRange(0, 4) == 0) {
      world.written.add(id, schema::OrderCancelledT());
      groups.erase(id);
    } else {
      const std::string group = std::string("g") + std::to_string(*rc::gen::inRange(0, 3));
      world.written.add(id, move_to(group));
      groups[id] = group;
    }
    if (*rc::gen::inRange(0, 5) == 0) world.catch_up();
    if (*rc::gen::inRange(0, 20) == 0) world.open();
  }
  world.catch_up();
  const auto count = [&](const std::string& index, const std::string& value) {
    std::set<std::string> expected;
    for (const auto& [id, group] : groups) {
      if (index == "group" ? group == value : id.starts_with(value)) expected.insert(id);
    }
    std::set<std::string> got;
    for (const TallyRow& row : world.rows<TallyRow>("tally", {{index, value}}, 3)) {
      got.insert(row.order_id);
    }
    RC_ASSERT(got == expected);
    const auto page = world.ask("tally", {{index, value}}).value();
    RC_ASSERT(page.total == std::optional<std::uint64_t>(expected.size()));
  };
  for (const char* group : {"g0", "g1", "g2"}) count("group", group);
  for (const char* prefix : {"A-", "B-"}) count("prefix", prefix);
  RC_ASSERT(world.ask("tally").value().total == std::optional<std::uint64_t>(groups.size()));
}

}  // namespace
}  // namespace orderlog::projections::test
