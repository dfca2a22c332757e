// CSV files as people save them: what is read, what is mended, what is refused.
#include "connectors/import/csv_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace orderlog::import {
namespace {

class Csv : public testing::Test {
 protected:
  ~Csv() override { std::filesystem::remove(path_); }
  Result<CsvTable> read(const std::string& text, const std::vector<std::string>& required = {},
                        const std::string& comma_column = "") {
    std::ofstream(path_, std::ios::binary) << text;
    return CsvTable::read(path_, required, comma_column);
  }
  const std::string path_ =
      std::filesystem::temp_directory_path() / ("orderlog-csv-" + std::to_string(::getpid()));
};

TEST_F(Csv, QuotesLineEndsAndTheByteOrderMark) {
  const auto table = read("\xEF\xBB\xBFid,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n\n2,NULL");
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows().size(), 2u);
  EXPECT_EQ(table->field(table->rows()[0], "id"), "1");
  EXPECT_EQ(table->field(table->rows()[0], "text"), "a, \"b\"\nc");
  EXPECT_EQ(table->field(table->rows()[1], "text"), "");
  EXPECT_EQ(table->rows()[1].number, 4u);
}

TEST_F(Csv, ACommaThatNobodyQuotedStaysInItsColumn) {
  const auto table = read(
      "id,address,city\n1,Main Street, 7,Bonn\n2,2, rue A, bis,Lyon\n3,Hill,Ulm\n", {}, "address");
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows().size(), 3u);
  EXPECT_EQ(table->mended(), 2u);
  EXPECT_EQ(table->field(table->rows()[0], "address"), "Main Street, 7");
  EXPECT_EQ(table->field(table->rows()[0], "city"), "Bonn");
  EXPECT_EQ(table->field(table->rows()[1], "address"), "2, rue A, bis");
  EXPECT_EQ(table->field(table->rows()[1], "city"), "Lyon");
}

TEST_F(Csv, RowsOfAnotherShapeAreSetApart) {
  const auto table = read("id,city\n1,Bonn,DE\n2\n3,Ulm\n");
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows().size(), 1u);
  ASSERT_EQ(table->misshapen().size(), 2u);
  EXPECT_EQ(table->misshapen()[0].number, 2u);
  EXPECT_EQ(table->misshapen()[1].number, 3u);
}

TEST_F(Csv, FilesThatCannotBeReadAreRefused) {
  EXPECT_EQ(CsvTable::read(path_ + "-none", {}).error().code, ErrorCode::NotFound);
  EXPECT_EQ(read("id\n1\n", {"city"}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(read("id\n\"1\n").error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(read("id\n" + std::string(csv_record_bytes_max + 1, 'x')).error().code,
            ErrorCode::InvalidArgument);
}

TEST_F(Csv, FieldsAreQuotedWhereTheyMustBe) {
  std::string out;
  append_csv_field(out, "plain");
  append_csv_field(out, "a,\"b\"");
  EXPECT_EQ(out, "plain\"a,\"\"b\"\"\"");
}

}  // namespace
}  // namespace orderlog::import
