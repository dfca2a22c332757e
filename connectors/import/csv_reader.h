// CSV as RFC 4180 has it, and as people save it: quoted fields with quotes and line ends inside, CRLF or LF, a UTF-8 byte
// order mark. One thread.
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
  // Errors: NotFound (no such file), InvalidArgument (no header, a column of `required` is missing, a record that is too
  // long, a quote that is never closed).
  static Result<CsvTable> read(const std::string& path, const std::vector<std::string>& required);

  const std::vector<CsvRow>& rows() const { return rows_; }
  const std::string& name() const { return name_; }
  // The field, empty when the row is too short or holds the text NULL.
  std::string_view field(const CsvRow& row, std::string_view column) const;

 private:
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<CsvRow> rows_;
};

// Appends the field, quoted where it must be.
void append_csv_field(std::string& out, std::string_view field);

}  // namespace orderlog::import
