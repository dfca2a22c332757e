// Structured mode: the whole event as one JSON object (CloudEvents JSON format 1.0), as in
//   {"specversion":"1.0","id":"17","source":"/crm","type":"PlaceOrder","data":{"order_id":…}}
#pragma once

#include <string_view>

#include "connectors/kafka/attributes.h"
#include "events/codec/json_tape.h"

namespace orderlog::kafka {

// Fills in the attributes, which borrow from the text and from the tape, and gives `data` as it was
// written. A member that is null is absent. Errors: InvalidArgument (not JSON, no object, an
// attribute of a wrong type, no data or data given twice), Unsupported (data that are not JSON).
Result<std::string_view> read_structured_event(std::string_view text, codec::JsonTape& tape,
                                               Attributes& attributes);

}  // namespace orderlog::kafka
