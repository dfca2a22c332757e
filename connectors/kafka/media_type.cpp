#include "connectors/kafka/media_type.h"

#include <algorithm>

namespace orderlog::kafka {

namespace {

constexpr std::string_view cloud_events_prefix = "application/cloudevents";
constexpr std::string_view structured_json = "application/cloudevents+json";
constexpr std::string_view blanks = " \t";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Without parameters and the blanks around it.
std::string_view bare(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  const std::size_t from = content_type.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return content_type.substr(from, content_type.find_last_not_of(blanks) + 1 - from);
}

bool begins(std::string_view text, std::string_view with) {
  return equal_ignoring_case(text.substr(0, with.size()), with);
}
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() &&
         equal_ignoring_case(text.substr(text.size() - with.size()), with);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

MediaKind media_kind(std::string_view content_type) {
  const std::string_view type = bare(content_type);
  if (type.empty()) return MediaKind::Absent;
  if (equal_ignoring_case(type, flatbuffers_media_type)) return MediaKind::FlatBuffers;
  if (equal_ignoring_case(type, structured_json)) return MediaKind::StructuredJson;
  if (begins(type, cloud_events_prefix)) return MediaKind::OtherCloudEvents;
  if (ends(type, "/json") || ends(type, "+json")) return MediaKind::Json;
  return MediaKind::Other;
}

}  // namespace orderlog::kafka
