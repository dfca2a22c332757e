// A Kafka record as this room sees it: plain views, so that what reads and writes records needs
// neither a broker nor a client library. Kafka tells "null" from "empty": here null is a view whose
// data() is nullptr, empty one whose data() is not.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace orderlog::kafka {

using Bytes = std::span<const std::uint8_t>;

// Names may repeat and their order counts, as in Kafka.
struct Header {
  std::string_view name;
  std::string_view value;

  friend bool operator==(const Header&, const Header&) = default;
};

struct RecordView {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Bytes key;
  Bytes value;
  std::span<const Header> headers;
};

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace orderlog::kafka
