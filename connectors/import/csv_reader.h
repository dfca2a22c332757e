// CSV as RFC 4180 has it, and as people save it: quoted fields with quotes and line ends inside,
// CRLF or LF, a UTF-8 byte order mark. One thread.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"

namespace orderlog::import {

inline constexpr std::size_t csv_record_bytes_max = 4 * 1024 * 1024;

struct CsvRow {
  std::uint64_t number = 0;  // of the record, the header being 1
  std::vector<std::string> fields;
};

// A whole file in memory: its columns by name.
class CsvTable {
 public:
  // `comma_column`: a column of free text whose commas some programs forget to quote; what a row
  // has too many of is taken as part of it. Errors: NotFound (no such file), InvalidArgument (no
  // header, a column of `required` is missing, a record that is too long, a quote that is never
  // closed).
  static Result<CsvTable> read(const std::string& path, const std::vector<std::string>& required,
                               const std::string& comma_column = "");

  // Rows with as many fields as there are columns.
  const std::vector<CsvRow>& rows() const { return rows_; }
  // Those with another number of fields.
  const std::vector<CsvRow>& misshapen() const { return misshapen_; }
  const std::vector<std::string>& columns() const { return columns_; }
  // Rows whose comma_column was put together again.
  std::size_t mended() const { return mended_; }
  const std::string& name() const { return name_; }
  // The field, empty when it holds the text NULL.
  std::string_view field(const CsvRow& row, std::string_view column) const;

 private:
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<CsvRow> rows_;
  std::vector<CsvRow> misshapen_;
  std::size_t mended_ = 0;
};

// Appends the field, quoted where it must be.
void append_csv_field(std::string& out, std::string_view field);

}  // namespace orderlog::import
