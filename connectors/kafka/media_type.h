// What a record's content-type header says of its value. Parameters (charset) are left aside: JSON
// is UTF-8 here, and the codec checks it.
#pragma once

#include <cstdint>
#include <string_view>

namespace orderlog::kafka {

inline constexpr std::string_view content_type_header = "content-type";
inline constexpr std::string_view json_media_type = "application/json";
// There is no registered media type for FlatBuffers.
inline constexpr std::string_view flatbuffers_media_type = "application/x-flatbuffers";

enum class MediaKind : std::uint8_t {
  Absent,
  FlatBuffers,
  Json,            // a subtype of json, or one that ends with +json
  StructuredJson,  // application/cloudevents+json: the whole event is in the value
  OtherCloudEvents,
  Other,
};

// Without regard to case (RFC 9110, section 8.3.1).
MediaKind media_kind(std::string_view content_type);

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace orderlog::kafka
