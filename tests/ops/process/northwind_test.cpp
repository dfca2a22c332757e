// A real company's orders: the proof of the log, and rows that are bad.
#include "tests/ops/process/northwind.h"

#include <rocksdb/db.h>

#include <fstream>

namespace orderlog::test {
namespace {

class Northwind : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    folder_ = northwind();
    if (folder_.empty()) GTEST_SKIP() << "no Northwind data";
  }
  Finished import(const std::string& url) {
    return import_northwind(folder_, url, directory_.string());
  }
  std::string folder_;
};

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
