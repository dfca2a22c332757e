// The AsyncAPI 3.0 document of an installation: its topics with their settings, as `topics apply`
// makes them, and what their records say. Made of what makes the topics and the records, so that it
// cannot say anything else.
#pragma once

#include <string>

#include "ops/configuration.h"

namespace orderlog::ops {

// JSON text. `kafka` must be there. Errors: Internal (a bug in the description).
Result<std::string> asyncapi_document(const Configuration& configuration);

}  // namespace orderlog::ops
