#include "connectors/import/csv_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace orderlog::import {
namespace {

enum class RecordEnd { Record, EndOfFile, UnclosedQuote, TooLong };

RecordEnd read_record(std::istream& in, std::vector<std::string>& fields) {
  fields.clear();
  std::string field;
  bool quoted = false;
  bool any = false;
  std::size_t bytes = 0;
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    if (++bytes > csv_record_bytes_max) return RecordEnd::TooLong;
    any = true;
    if (quoted) {
      if (c == '"' && in.peek() == '"') {
        field.push_back(static_cast<char>(in.get()));
      } else if (c == '"') {
        quoted = false;
      } else {
        field.push_back(static_cast<char>(c));
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      break;
    } else if (c != '\r' || in.peek() != '\n') {
      field.push_back(static_cast<char>(c));
    }
  }
  if (quoted) return RecordEnd::UnclosedQuote;
  if (!any) return RecordEnd::EndOfFile;
  fields.push_back(std::move(field));
  return RecordEnd::Record;
}

// Joins what is too much into the field at `column`.
void join_surplus(std::vector<std::string>& fields, std::size_t column, std::size_t surplus) {
  for (std::size_t i = 1; i <= surplus; ++i) fields[column] += ',' + fields[column + i];
  const auto next = fields.begin() + static_cast<std::ptrdiff_t>(column) + 1;
  fields.erase(next, next + static_cast<std::ptrdiff_t>(surplus));
}

}  // namespace

Result<CsvTable> CsvTable::read(const std::string& path, const std::vector<std::string>& required,
                                const std::string& comma_column) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return error(ErrorCode::NotFound, path + " cannot be opened");
  CsvTable table;
  table.name_ = std::filesystem::path(path).filename().string();
  std::uint64_t number = 0;
  std::vector<std::string> fields;
  while (true) {
    const auto end = read_record(in, fields);
    ++number;
    if (end == RecordEnd::EndOfFile) break;
    if (end != RecordEnd::Record) {
      return error(
          ErrorCode::InvalidArgument,
          table.name_ + ", record " + std::to_string(number) +
              (end == RecordEnd::TooLong ? ": too long" : ": a quote is opened and never closed"));
    }
    if (number == 1) {
      if (fields[0].starts_with("\xEF\xBB\xBF")) fields[0].erase(0, 3);
      table.columns_ = fields;
    } else if (fields.size() > 1 || !fields[0].empty()) {
      const auto column = std::find(table.columns_.begin(), table.columns_.end(), comma_column);
      if (fields.size() > table.columns_.size() && column != table.columns_.end()) {
        join_surplus(fields, static_cast<std::size_t>(column - table.columns_.begin()),
                     fields.size() - table.columns_.size());
        ++table.mended_;
      }
      auto& rows = fields.size() == table.columns_.size() ? table.rows_ : table.misshapen_;
      rows.push_back({number, fields});
    }
  }
  for (const auto& column : required) {
    if (std::find(table.columns_.begin(), table.columns_.end(), column) == table.columns_.end()) {
      return error(ErrorCode::InvalidArgument, table.name_ + " has no column \"" + column + "\"");
    }
  }
  return table;
}

std::string_view CsvTable::field(const CsvRow& row, std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  const auto index = static_cast<std::size_t>(found - columns_.begin());
  if (index >= row.fields.size() || row.fields[index] == "NULL") return {};
  return row.fields[index];
}

void append_csv_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace orderlog::import
