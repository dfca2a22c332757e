// Rows are written by the schema's own description, so no report is a special case here.
#include "connectors/http/report_json.h"

#include <charconv>
#include <utility>

#include "events/codec/json_writer.h"
#include "events/codec/schema_registry.h"

namespace orderlog::http {

namespace {

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

Error bad_parameter(std::string_view name, std::string_view why) {
  return error(ErrorCode::InvalidArgument, std::string(name) + " " + std::string(why));
}

std::string_view kind_name(projections::FilterKind kind) {
  switch (kind) {
    case projections::FilterKind::Text:
      return "text";
    case projections::FilterKind::Choice:
      return "choice";
    case projections::FilterKind::Date:
      return "date";
  }
  return "text";
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  codec::append_json_text(out, name);
  out += ':';
  codec::append_json_text(out, value);
}

}  // namespace

Result<projections::ReportRequest> read_report_request(std::string_view report,
                                                       const QueryParams& params,
                                                       const HttpLimits& limits,
                                                       projections::Parameters fixed) {
  projections::ReportRequest request;
  request.report = report;
  request.parameters = std::move(fixed);
  request.limit = static_cast<std::uint32_t>(limits.page_rows_default);
  for (const auto& [name, value] : params.all()) {
    if (name == "min_position") continue;
    if (name == "limit") {
      std::uint32_t limit = 0;
      const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), limit);
      if (value.empty() || failed != std::errc() || end != value.data() + value.size() ||
          limit == 0 || limit > limits.page_rows_max) {
        return bad_parameter(name, "must be 1 to " + std::to_string(limits.page_rows_max));
      }
      request.limit = limit;
    } else if (name == "cursor") {
      request.cursor = value;
    } else if (name == "order") {
      if (value == "asc") {
        request.order = projections::ListOrder::Ascending;
      } else if (value == "desc") {
        request.order = projections::ListOrder::Descending;
      } else {
        return bad_parameter(name, "must be asc or desc");
      }
    } else if (!request.parameters.emplace(name, value).second) {
      return bad_parameter(name, "is given by the path");
    }
  }
  return request;
}

Status write_report_row(std::string& out, const projections::ReportDescriptor& report,
                        std::string_view row) {
  const codec::TableInfo* table = codec::SchemaRegistry::builtin().table(report.row_table);
  if (table == nullptr) {
    return error(ErrorCode::Internal, "no table " + report.row_table + " in the schema");
  }
  codec::write_row(out, *table, *flatbuffers::GetRoot<flatbuffers::Table>(row.data()));
  return {};
}

Status write_page(std::string& out, const projections::ReportDescriptor& report,
                  const projections::ReportPage& page) {
  out += R"({"data":[)";
  bool first = true;
  for (const std::string& row : page.rows) {
    if (!std::exchange(first, false)) out += ',';
    if (const Status written = write_report_row(out, report, row); !written) return written;
  }
  out += R"(],"next_cursor":)";
  if (page.next_cursor.empty()) {
    out += "null";
  } else {
    codec::append_json_text(out, page.next_cursor);
  }
  out +=
      page.next_cursor.empty() ? R"(,"has_more":false,"total":)" : R"(,"has_more":true,"total":)";
  if (page.total) {
    codec::append_unsigned(out, *page.total);
  } else {
    out += "null";
  }
  out += '}';
  return {};
}

void write_report_description(std::string& out, const projections::ReportDescriptor& report) {
  out += '{';
  append_member(out, "name", report.name);
  append_member(out, "description", report.description);
  append_member(out, "model", report.model);
  append_member(out, "path", "/v1/reports/" + report.name);
  if (!report.key.empty()) append_member(out, "key", report.key);
  out += R"(,"columns":[)";
  bool first = true;
  if (const auto* table = codec::SchemaRegistry::builtin().table(report.row_table)) {
    for (const codec::FieldInfo& field : table->fields) {
      if (!std::exchange(first, false)) out += ',';
      codec::append_json_text(out, field.name);
    }
  }
  out += R"(],"exclusive_filters":)";
  out += report.exclusive ? "true" : "false";
  out += R"(,"filters":[)";
  first = true;
  for (const projections::FilterDescriptor& filter : report.filters) {
    if (!std::exchange(first, false)) out += ',';
    out += '{';
    append_member(out, "name", filter.name);
    append_member(out, "kind", kind_name(filter.kind));
    append_member(out, "description", filter.description);
    out += filter.required ? R"(,"required":true)" : R"(,"required":false)";
    if (!filter.fallback.empty()) append_member(out, "default", filter.fallback);
    if (!filter.choices.empty()) {
      out += R"(,"choices":[)";
      bool first_choice = true;
      for (const std::string& choice : filter.choices) {
        if (!std::exchange(first_choice, false)) out += ',';
        codec::append_json_text(out, choice);
      }
      out += ']';
    }
    out += '}';
  }
  out += "]}";
}

std::string next_target(std::string_view path, const QueryParams& params, std::string_view cursor) {
  std::string target(path);
  target += '?';
  for (const auto& [name, value] : params.all()) {
    if (name == "cursor" || name == "min_position") continue;
    target += encoded(name) + '=' + encoded(value) + '&';
  }
  return target + "cursor=" + encoded(cursor);
}

ProblemType problem_of_read(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound:
      return ProblemType::NotFound;
    case ErrorCode::InvalidArgument:
      return ProblemType::InvalidParameter;
    case ErrorCode::Timeout:
      return ProblemType::PositionTimeout;
    case ErrorCode::Unavailable:
    case ErrorCode::Conflict:
      return ProblemType::Overloaded;
    default:
      return ProblemType::InternalError;
  }
}

}  // namespace orderlog::http
