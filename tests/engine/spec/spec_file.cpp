// Reading specifications. The only liberty over strict JSON is that keys need no quotes.
#include "tests/engine/spec/spec_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "events/codec/json_tape.h"

namespace orderlog::engine::test {

namespace {

using codec::Node;
using codec::NodeKind;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// { a: 1 } becomes { "a": 1 }; texts stay as they are.
std::string with_quoted_keys(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      const std::size_t begin = i++;
      while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
      i = std::min(i + 1, text.size());
      out += text.substr(begin, i - begin);
    } else if (is_word(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && is_word(text[i])) ++i;
      const auto word = text.substr(begin, i - begin);
      std::size_t after = i;
      while (after < text.size() && text[after] == ' ') ++after;
      const bool key = after < text.size() && text[after] == ':';
      out += key ? "\"" + std::string(word) + "\"" : std::string(word);
    } else {
      out += text[i++];
    }
  }
  return out;
}

SpecStep step_of(const std::string& text, std::size_t line) {
  SpecStep step;
  step.line = line;
  const std::size_t brace = text.find('{');
  std::istringstream words(text.substr(0, brace));
  words >> step.keyword;
  for (std::string word; words >> word;) step.words.push_back(word);
  if (brace != std::string::npos) step.json = with_quoted_keys(text.substr(brace));
  return step;
}

std::string shown(const Node& node) {
  switch (node.kind) {
    case NodeKind::Null:
      return "null";
    case NodeKind::Bool:
      return node.integer != 0 ? "true" : "false";
    case NodeKind::Int:
    case NodeKind::Unsigned:
      return std::to_string(node.integer);
    case NodeKind::Real:
    case NodeKind::Text:
    case NodeKind::Key:
      return std::string(node.text);
    case NodeKind::Object:
      return "an object";
    case NodeKind::Array:
      return "an array of " + std::to_string(node.count());
  }
  return "?";
}

class Comparison {
 public:
  Comparison(const std::vector<Node>& expected, const std::vector<Node>& actual)
      : expected_(expected), actual_(actual) {}

  std::optional<std::string> at(std::uint32_t e, std::uint32_t a, const std::string& path) const {
    const Node& want = expected_[e];
    const Node& got = actual_[a];
    if (want.kind != got.kind) return mismatch(want, got, path);
    if (want.kind == NodeKind::Object) return object(e, a, path);
    if (want.kind == NodeKind::Array) return array(e, a, path);
    if (shown(want) != shown(got)) return mismatch(want, got, path);
    return std::nullopt;
  }

 private:
  static std::optional<std::string> mismatch(const Node& want, const Node& got,
                                             const std::string& path) {
    return path + ": expected " + shown(want) + ", got " + shown(got);
  }
  std::optional<std::string> object(std::uint32_t e, std::uint32_t a,
                                    const std::string& path) const {
    for (std::uint32_t key = e + 1; key < expected_[e].next; key = expected_[key + 1].next) {
      const std::string member = path + "/" + std::string(expected_[key].text);
      std::uint32_t found = a + 1;
      while (found < actual_[a].next && actual_[found].text != expected_[key].text) {
        found = actual_[found + 1].next;
      }
      const bool is_there = found < actual_[a].next;
      if (expected_[key + 1].kind == NodeKind::Null) {
        if (is_there) return member + ": expected to be absent";
        continue;
      }
      if (!is_there) return member + ": expected " + shown(expected_[key + 1]) + ", but absent";
      if (auto found_difference = at(key + 1, found + 1, member)) return found_difference;
    }
    return std::nullopt;
  }
  std::optional<std::string> array(std::uint32_t e, std::uint32_t a,
                                   const std::string& path) const {
    if (expected_[e].count() != actual_[a].count()) {
      return mismatch(expected_[e], actual_[a], path);
    }
    std::uint32_t got = a + 1;
    int index = 0;
    for (std::uint32_t want = e + 1; want < expected_[e].next; want = expected_[want].next) {
      if (auto found = at(want, got, path + "/" + std::to_string(index++))) return found;
      got = actual_[got].next;
    }
    return std::nullopt;
  }

  const std::vector<Node>& expected_;
  const std::vector<Node>& actual_;
};

constexpr std::array<std::pair<std::string_view, RejectionCode>, 14> code_names{{
    {"InvalidTransition", RejectionCode::InvalidTransition},
    {"NotFound", RejectionCode::NotFound},
    {"AlreadyExists", RejectionCode::AlreadyExists},
    {"InvalidArgument", RejectionCode::InvalidArgument},
    {"VersionConflict", RejectionCode::VersionConflict},
    {"Forbidden", RejectionCode::Forbidden},
    {"InsufficientStock", RejectionCode::InsufficientStock},
    {"CreditRefused", RejectionCode::CreditRefused},
    {"Duplicate", RejectionCode::Duplicate},
    {"CurrencyMismatch", RejectionCode::CurrencyMismatch},
    {"Overflow", RejectionCode::Overflow},
    {"LimitExceeded", RejectionCode::LimitExceeded},
    {"Expired", RejectionCode::Expired},
    {"EngineOnly", RejectionCode::EngineOnly},
}};

}  // namespace

Result<SpecFile> parse_spec(std::string_view text, std::string path) {
  SpecFile spec;
  spec.path = std::move(path);
  std::vector<std::pair<std::size_t, std::string>> lines;
  std::istringstream in{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) continue;
    if (line[first] == '#') {
      if (spec.title.empty()) spec.title = line.substr(std::min(first + 2, line.size()));
    } else if (first > 0 && !lines.empty()) {
      lines.back().second += " " + line.substr(first);
    } else {
      lines.emplace_back(number, line);
    }
  }
  for (const auto& [at, line] : lines) {
    SpecStep step = step_of(line, at);
    if (step.keyword == "aggregate" && step.words.size() == 2) {
      spec.aggregate = step.words[0];
      spec.id = step.words[1];
    } else {
      spec.steps.push_back(std::move(step));
    }
  }
  if (spec.title.empty() || spec.aggregate.empty()) {
    return error(ErrorCode::InvalidArgument,
                 spec.path + ": a title (# …) and a line 'aggregate <Name> <id>' are needed");
  }
  return spec;
}

Result<SpecFile> read_spec(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return error(ErrorCode::NotFound, "cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return parse_spec(text.str(), path);
}

std::vector<std::string> spec_files(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".spec") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::optional<std::string> difference(std::string_view expected, std::string_view actual) {
  codec::JsonTape want;
  codec::JsonTape got;
  if (const auto problem = want.parse(expected)) return "expected: " + problem->detail;
  if (const auto problem = got.parse(actual)) return "actual: " + problem->detail;
  return Comparison(want.nodes(), got.nodes()).at(0, 0, "");
}

std::optional<RejectionCode> rejection_code(std::string_view name) {
  for (const auto& [text, code] : code_names) {
    if (text == name) return code;
  }
  return std::nullopt;
}

std::string_view name_of(RejectionCode code) {
  for (const auto& [text, value] : code_names) {
    if (value == code) return text;
  }
  return "?";
}

}  // namespace orderlog::engine::test
