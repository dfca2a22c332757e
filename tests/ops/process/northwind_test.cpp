// A real company's orders: the figures that were computed from its files by other means, and the
// proof of the log.
#include <rocksdb/db.h>

#include <boost/json.hpp>

#include "connectors/client/http_client.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

json::object get(const std::string& url, const std::string& target) {
  auto client = client::HttpClient::open(url);
  EXPECT_TRUE(client.ok());
  auto response = client->get(target);
  EXPECT_TRUE(response.ok()) << target;
  if (!response.ok()) return {};
  EXPECT_EQ(response->status, 200) << target << ": " << response->body;
  boost::system::error_code malformed;
  auto value = json::parse(response->body, malformed);
  return malformed || !value.is_object() ? json::object() : value.as_object();
}

std::int64_t minor(const json::value& row, const char* column) {
  return row.at(column).at("minor").to_number<std::int64_t>();
}

class Northwind : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    folder_ = northwind();
    if (folder_.empty()) GTEST_SKIP() << "no Northwind data";
  }
  Finished import(const std::string& url, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"import", "northwind", folder_, "--server", url, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, directory_.string());
  }
  std::string folder_;
};

TEST_F(Northwind, TheReportsSayWhatTheFilesSay) {
  ServerProcess server(data());
  ASSERT_TRUE(server.start()) << server.output();
  const auto imported = import(server.url());
  ASSERT_EQ(imported.code, 0) << imported.out;
  EXPECT_NE(imported.out.find("830 orders, 2155 lines, 809 shipped, 21 open; net 1265793.02 USD"),
            std::string::npos)
      << imported.out;

  EXPECT_EQ(get(server.url(), "/v1/reports/order_status?limit=1").at("total").to_number<int>(),
            830);
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
  const auto again = import(server.url());
  ASSERT_EQ(again.code, 0) << again.out;
  EXPECT_NE(again.out.find("\n0 commands took effect"), std::string::npos) << again.out;
  EXPECT_EQ(get(server.url(), "/v1/reports/order_timeline?order_id=10248&limit=1").at("total"),
            before);
  EXPECT_EQ(
      get(server.url(), "/v1/reports/delay_list?state=late&limit=1").at("total").to_number<int>(),
      37);
  ASSERT_EQ(server.stop(), 0);

  const auto verified = run({"verify", "--data", data()});
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("replay equals live"), std::string::npos) << verified.out;
}

// Changes the stored log behind the engine's back.
template <class Change>
void tamper(const std::string& data, const Change& change) {
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), data + "/log", &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::vector<std::pair<std::string, std::string>> commits;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (it->value().starts_with("OLC1"))
      commits.emplace_back(it->key().ToString(), it->value().ToString());
  }
  ASSERT_GT(commits.size(), 10u);
  change(*db, commits);
}

TEST_F(Northwind, VerifyNamesTheFirstBadCommit) {
  {
    ServerProcess server(data());
    ASSERT_TRUE(server.start()) << server.output();
    ASSERT_EQ(import(server.url()).code, 0);
    ASSERT_EQ(server.stop(), 0);
  }
  using Commits = std::vector<std::pair<std::string, std::string>>;
  const auto damaged = [&](const std::string& name, const std::string& expected,
                           const std::function<void(rocksdb::DB&, const Commits&)>& change) {
    std::filesystem::copy(data(), data(name), std::filesystem::copy_options::recursive);
    tamper(data(name), change);
    const auto verified = run({"verify", "--data", data(name)});
    EXPECT_EQ(verified.code, 1) << name << ": " << verified.out;
    EXPECT_NE(verified.out.find(expected), std::string::npos) << name << ": " << verified.out;
  };
  damaged("altered", "commit 5", [](rocksdb::DB& db, const Commits& commits) {
    std::string value = commits[4].second;
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), commits[4].first, value).ok());
  });
  damaged("removed", "commit 6", [](rocksdb::DB& db, const Commits& commits) {
    ASSERT_TRUE(db.Delete(rocksdb::WriteOptions(), commits[5].first).ok());
  });
  damaged("swapped", "commit 7", [](rocksdb::DB& db, const Commits& commits) {
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), commits[6].first, commits[7].second).ok());
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), commits[7].first, commits[6].second).ok());
  });
  damaged("cut off", "", [](rocksdb::DB& db, const Commits& commits) {
    ASSERT_TRUE(db.Delete(rocksdb::WriteOptions(), commits.back().first).ok());
  });
}

TEST_F(Northwind, BadRowsAreListedAndStopNobody) {
  const auto copy = directory_ / "bad";
  std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
  std::ifstream in(copy / "order-details.csv");
  std::stringstream text;
  text << in.rdbuf();
  in.close();
  std::string details = text.str();
  const auto row = details.find("10248,42,9.80,10,0");
  ASSERT_NE(row, std::string::npos);
  details.replace(row, 18, "10248,42,nine,10,0");
  std::ofstream(copy / "order-details.csv") << details;

  const auto dry =
      run({"import", "northwind", copy.string(), "--dry-run", "--quiet"}, directory_.string());
  EXPECT_EQ(dry.code, 3) << dry.out;
  std::ifstream errors(directory_ / "errors.csv");
  std::stringstream listed;
  listed << errors.rdbuf();
  EXPECT_NE(listed.str().find("order-details.csv,3,unitPrice"), std::string::npos) << listed.str();

  ServerProcess server(data());
  ASSERT_TRUE(server.start()) << server.output();
  const auto imported =
      run({"import", "northwind", copy.string(), "--server", server.url(), "--quiet"},
          directory_.string());
  EXPECT_EQ(imported.code, 3) << imported.out;
  EXPECT_EQ(get(server.url(), "/v1/reports/order_status?limit=1").at("total").to_number<int>(),
            829);
  // Mended and imported alone: the rest is known already.
  const auto mended = import(server.url());
  EXPECT_EQ(mended.code, 0) << mended.out;
  EXPECT_EQ(get(server.url(), "/v1/reports/order_status?limit=1").at("total").to_number<int>(),
            830);
}

}  // namespace
}  // namespace orderlog::test
