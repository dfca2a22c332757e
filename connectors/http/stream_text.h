// Server-sent events as text, and which events a stream wants. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/request.h"
#include "events/base/ids.h"
#include "events/base/result.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::http {

// Names of event types, sorted; empty: all. Equal choices share their text.
using StreamChoice = std::vector<std::string_view>;

// From ?types= or ?alerts=true. Errors: InvalidArgument (no such type, both given, something else).
Result<StreamChoice> read_stream_choice(const QueryParams& params);
bool chooses(const StreamChoice& choice, std::string_view type);

// "id: 0:17,1:5\ndata: {…}\n\n"
void append_event(std::string& out, const schema::Envelope& event,
                  const std::vector<Sequence>& position);
// Only moves the client's Last-Event-ID; no event is dispatched.
void append_position(std::string& out, const std::vector<Sequence>& position);

}  // namespace orderlog::http
