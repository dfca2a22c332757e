// Specifications as data: text that somebody who knows the business can read and write, one
// behaviour a file. A line is a step; indented lines continue it; "#" starts a comment line, the
// first of which is the title.
//
//   # A quote can be accepted until the end of its last day, as the customer's clock shows it.
//   aggregate Quote Q-1
//   customer C-1 { profile: { time_zone: "Asia/Tokyo" } }
//   at    2024-01-15T12:00:00Z
//   as    ann Sales
//   given QuoteIssued { valid_until: "2024-01-20" }
//   when  AcceptQuote {}
//   then  QuoteAccepted { customer_id: "C-1" }
//
// Steps: at <time>; as <actor> <Role> [Import|System]; product <id> {…}; customer <id> {…}; given
// <Event> {…}; when <Command> {…} (its id may be left out); due <Command> {…} (at the deadline, by
// the engine); then <Event> {…} (only the members named are compared); then nothing; then rejected
// <Code> [/pointer]. Keys need no quotes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"
#include "events/base/result.h"

namespace orderlog::engine::test {

struct SpecStep {
  std::size_t line = 0;
  std::string keyword;
  std::vector<std::string> words;  // between the keyword and the object
  std::string json;                // strict JSON; empty when there is no object
};

struct SpecFile {
  std::string path;
  std::string title;
  std::string aggregate;
  std::string id;
  std::vector<SpecStep> steps;
};

// Errors: NotFound, InvalidArgument with the line.
Result<SpecFile> read_spec(const std::string& path);
// The same from text.
Result<SpecFile> parse_spec(std::string_view text, std::string path);

// All .spec files of a folder, in alphabetical order.
std::vector<std::string> spec_files(const std::string& folder);

// Nothing when every member of `expected` is in `actual` with the same value (arrays: all
// elements); else what differs. Both JSON.
std::optional<std::string> difference(std::string_view expected, std::string_view actual);

std::optional<RejectionCode> rejection_code(std::string_view name);
std::string_view name_of(RejectionCode code);

}  // namespace orderlog::engine::test
