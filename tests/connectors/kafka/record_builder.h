// Records as a broker would hand them over, with the memory behind their views.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "connectors/kafka/record.h"

namespace orderlog::kafka {

inline void PrintTo(const Header& header, std::ostream* out) {
  *out << header.name << ": " << header.value;
}

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class TestRecord {
 public:
  TestRecord& header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  TestRecord& value(std::string value) {
    value_ = std::move(value);
    return *this;
  }
  TestRecord& without(std::string_view name) {
    std::erase_if(headers_, [&](const auto& header) { return header.first == name; });
    return *this;
  }

  // Valid until the next change.
  const RecordView& view() {
    views_.clear();
    for (const auto& [name, value] : headers_) views_.push_back({name, value});
    record_ = {.topic = "orders.commands.v1",
               .partition = 3,
               .offset = 42,
               .key = bytes_of("SO-1"),
               .value = bytes_of(value_),
               .headers = views_};
    return record_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string value_;
  std::vector<Header> views_;
  RecordView record_;
};

// Binary mode, complete but for its content type and its value.
inline TestRecord command_record(std::string type = "SubmitOrder") {
  TestRecord record;
  record.header("ce_specversion", "1.0")
      .header("ce_id", "17")
      .header("ce_source", "/crm")
      .header("ce_type", std::move(type));
  return record;
}

inline constexpr std::string_view submit_order = R"({"order_id":"SO-1"})";

}  // namespace orderlog::kafka
