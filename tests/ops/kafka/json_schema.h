// Holds JSON against a JSON Schema, as far as the documents of orderlog use it. A keyword that it
// does not know is a failure, so that nothing is passed over.
#pragma once

#include <boost/json.hpp>
#include <string>

namespace orderlog::test {

// What is wrong, with its place; empty: nothing. `document` is what references ("#/…") point into.
std::string violation(const boost::json::value& value, const boost::json::value& schema,
                      const boost::json::value& document, const std::string& place = "");

}  // namespace orderlog::test
