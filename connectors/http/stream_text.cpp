// Framing by the HTML standard's section on server-sent events.
#include "connectors/http/stream_text.h"

#include <algorithm>

#include "connectors/http/positions.h"
#include "events/codec/json_writer.h"
#include "events/codec/schema_registry.h"

namespace orderlog::http {

namespace {

Error bad(std::string why) { return error(ErrorCode::InvalidArgument, std::move(why)); }

}  // namespace

Result<StreamChoice> read_stream_choice(const QueryParams& params) {
  const std::string* types = params.find("types");
  const std::string* alerts = params.find("alerts");
  for (const auto& [name, unused] : params.all()) {
    if (name != "types" && name != "alerts" && name != "after") {
      return bad("no such parameter: " + quote_input(name));
    }
  }
  if (types != nullptr && alerts != nullptr) return bad("give types or alerts, not both");
  if (alerts != nullptr) {
    if (*alerts == "true") return StreamChoice{"DelayCleared", "DeliveryDelayed"};
    if (*alerts != "false") return bad("alerts must be true or false");
  }
  StreamChoice choice;
  if (types == nullptr) return choice;
  const auto& registry = codec::SchemaRegistry::builtin();
  for (std::string_view rest = *types; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const auto* event = registry.event(rest.substr(0, end));
    if (event == nullptr) return bad("no such event: " + quote_input(rest.substr(0, end)));
    choice.push_back(event->name);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (choice.empty()) return bad("types names nothing");
  std::sort(choice.begin(), choice.end());
  choice.erase(std::unique(choice.begin(), choice.end()), choice.end());
  return choice;
}

bool chooses(const StreamChoice& choice, std::string_view type) {
  return choice.empty() || std::binary_search(choice.begin(), choice.end(), type);
}

void append_position(std::string& out, const std::vector<Sequence>& position) {
  out += "id: ";
  append_positions(out, position);
  out += "\n\n";
}

void append_event(std::string& out, const schema::Envelope& event,
                  const std::vector<Sequence>& position) {
  out += "id: ";
  append_positions(out, position);
  out += "\ndata: ";
  codec::write_envelope(out, event);
  out += "\n\n";
}

}  // namespace orderlog::http
