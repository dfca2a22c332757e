// A real company's orders: the figures that were computed from its files by other means.
#include <map>

#include "tests/ops/process/northwind.h"
#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

std::int64_t minor(const json::value& row, const char* column) {
  return row.at(column).at("minor").to_number<std::int64_t>();
}

TEST_P(Scenario, TheReportsSayWhatTheNorthwindFilesSay) {
  const std::string folder = northwind();
  if (folder.empty()) GTEST_SKIP() << "no Northwind data";

  ServerProcess server = node();
  ASSERT_TRUE(started(server)) << server.output();
  const auto imported = import_northwind(folder, server.url(), directory_.string());
  ASSERT_EQ(imported.code, 0) << imported.out;
  EXPECT_NE(imported.out.find("830 orders, 2155 lines, 809 shipped, 21 open; net 1265793.02 USD"),
            std::string::npos)
      << imported.out;

  const auto total = [&](const std::string& report) {
    return get(server.url(), "/v1/reports/" + report).at("total").to_number<int>();
  };
  // The import does not end before the reports hold what it sent.
  EXPECT_EQ(total("order_status?limit=1"), 830);
  EXPECT_TRUE(eventually([&] { return total("delay_list?state=late&limit=1") == 37; }));
  const auto late = get(server.url(), "/v1/reports/delay_list?state=late&limit=500");
  EXPECT_EQ(late.at("total").to_number<int>(), 37);
  EXPECT_EQ(late.at("data").as_array().size(), 37u);

  const auto regions = get(server.url(), "/v1/reports/sales_cube?by=region&period=all&limit=500");
  std::map<std::string, std::int64_t> net;
  std::int64_t sum = 0;
  std::int64_t lines = 0;
  for (const auto& row : regions.at("data").as_array()) {
    net[std::string(row.at("value").as_string())] = minor(row, "net");
    sum += minor(row, "net");
    lines += row.at("lines").to_number<std::int64_t>();
  }
  EXPECT_EQ(sum, 126'579'302);
  EXPECT_EQ(lines, 2'155);
  // 176 rows have a comma in the address that nobody quoted: they must not end in a country of
  // their own.
  EXPECT_EQ(net.size(), 21u);
  EXPECT_EQ(net["Brazil"], 10'692'578);
  EXPECT_EQ(net["France"], 8'135'832);
  EXPECT_EQ(net["USA"], 24'558'462);
  EXPECT_EQ(net["Germany"], 23'028'463);
  EXPECT_EQ(net["Austria"], 12'800'385);
  EXPECT_EQ(net["UK"], 5'897'132);
  EXPECT_EQ(net["Venezuela"], 5'681'062);

  const auto otif = get(server.url(), "/v1/reports/otif_daily?limit=500");
  EXPECT_GT(otif.at("data").as_array().size(), 0u);

  // Again: nothing changes.
  const auto before =
      get(server.url(), "/v1/reports/order_timeline?order_id=10248&limit=1").at("total");
  const auto again = import_northwind(folder, server.url(), directory_.string());
  ASSERT_EQ(again.code, 0) << again.out;
  EXPECT_NE(again.out.find("\n0 commands took effect"), std::string::npos) << again.out;
  EXPECT_EQ(get(server.url(), "/v1/reports/order_timeline?order_id=10248&limit=1").at("total"),
            before);
  EXPECT_EQ(
      get(server.url(), "/v1/reports/delay_list?state=late&limit=1").at("total").to_number<int>(),
      37);
  ASSERT_EQ(server.stop(), 0);
  expect_whole();
}

}  // namespace
}  // namespace orderlog::test
