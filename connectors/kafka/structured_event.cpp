// The tape checks all of the text and gives the attributes; the scanner only finds where `data`
// lies.
#include "connectors/kafka/structured_event.h"

#include "connectors/kafka/media_type.h"
#include "events/codec/json_scanner.h"

namespace orderlog::kafka {

namespace {

using codec::Node;
using codec::NodeKind;

constexpr std::string_view data_member = "data";
constexpr std::string_view binary_data_member = "data_base64";

Error bad(std::string why) { return error(ErrorCode::InvalidArgument, std::move(why)); }

// Attributes are texts; a version may be a number.
Status take_attribute(Attributes& attributes, Attribute attribute, const Node& value) {
  const bool is_number = value.kind == NodeKind::Int || value.kind == NodeKind::Unsigned;
  if (value.kind == NodeKind::Text || (is_number && attribute == Attribute::ExpectedVersion)) {
    return attributes.set(attribute, value.text);
  }
  return bad(attributes.name(attribute) + " must be a text");
}

}  // namespace

Result<std::string_view> read_structured_event(std::string_view text, codec::JsonTape& tape,
                                               Attributes& attributes) {
  if (const auto problem = tape.parse(text)) return bad("the event: " + problem->detail);
  const std::vector<Node>& nodes = tape.nodes();
  if (nodes[0].kind != NodeKind::Object) return bad("the event is not a JSON object");
  bool has_data = false;
  for (std::size_t at = 1; at < nodes.size(); at = nodes[at + 1].next) {
    const std::string_view name = nodes[at].text;
    const Node& value = nodes[at + 1];
    if (name == data_member) {
      if (has_data) return bad("data is given twice");
      has_data = true;
    } else if (value.kind == NodeKind::Null) {
      continue;
    } else if (name == binary_data_member) {
      return error(ErrorCode::Unsupported,
                   "data_base64 is not taken: send the data as JSON, or in binary mode");
    } else if (const auto attribute = attribute_of(name)) {
      if (const Status status = take_attribute(attributes, *attribute, value); !status) {
        return status.error();
      }
    }
  }
  if (const Status status = attributes.check_required(); !status) return status.error();
  const auto type = attributes.get(Attribute::DataContentType);
  if (type && media_kind(*type) != MediaKind::Json) {
    return error(ErrorCode::Unsupported,
                 "datacontenttype must be application/json, not " + quote_input(*type));
  }
  if (!has_data) return bad("data is missing");
  const auto data = codec::member_as_written(text, data_member);
  if (!data) return bad("the name of the member data must be written without escapes");
  return *data;
}

}  // namespace orderlog::kafka
