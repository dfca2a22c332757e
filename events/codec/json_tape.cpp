#include "events/codec/json_tape.h"

#include <boost/json/basic_parser_impl.hpp>
#include <limits>

#include "events/codec/json_reader.h"

namespace orderlog::codec {
namespace {

namespace json = boost::json;

// Memory that a thread keeps between texts; a larger text's is given back.
constexpr std::size_t kept_nodes_max = 4'096;
constexpr std::size_t kept_text_bytes_max = 65'536;

class Recorder {
 public:
  // The limits that matter are checked with a pointer by the reader, or below.
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  void start(std::string_view text) {
    if (nodes.capacity() > kept_nodes_max) std::vector<Node>().swap(nodes);
    nodes.clear();
    open_.clear();
    text_ = text;
    if (unescaped_.capacity() > kept_text_bytes_max) std::string().swap(unescaped_);
    unescaped_.clear();
    in_part_ = false;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) { return begin(NodeKind::Object, ec); }
  bool on_object_end(std::size_t count, json::error_code&) { return end(count); }
  bool on_array_begin(json::error_code& ec) { return begin(NodeKind::Array, ec); }
  bool on_array_end(std::size_t count, json::error_code&) { return end(count); }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_key(json::string_view last, std::size_t, json::error_code& ec) {
    return add_text(NodeKind::Key, last, ec);
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_string(json::string_view last, std::size_t, json::error_code& ec) {
    return add_text(NodeKind::Text, last, ec);
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view text, json::error_code& ec) {
    return add(NodeKind::Int, value, text, ec);
  }
  bool on_uint64(std::uint64_t value, json::string_view text, json::error_code& ec) {
    return add(NodeKind::Unsigned, static_cast<std::int64_t>(value), text, ec);
  }
  bool on_double(double value, json::string_view text, json::error_code& ec) {
    return add(NodeKind::Real, std::bit_cast<std::int64_t>(value), text, ec);
  }
  bool on_bool(bool value, json::error_code& ec) {
    return add(NodeKind::Bool, value, std::string_view{}, ec);
  }
  bool on_null(json::error_code& ec) { return add(NodeKind::Null, 0, std::string_view{}, ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  std::vector<Node> nodes;
  bool too_many = false;

 private:
  bool add(NodeKind kind, std::int64_t integer, std::string_view text, json::error_code& ec) {
    const std::size_t size = nodes.size();
    if (size >= json_values_max) {
      too_many = true;
      ec = json::make_error_code(json::error::array_too_large);
      return false;
    }
    nodes.push_back({kind, static_cast<std::uint32_t>(size + 1), integer, text});
    return true;
  }
  bool add(NodeKind kind, std::int64_t integer, json::string_view text, json::error_code& ec) {
    return add(kind, integer, std::string_view(text.data(), text.size()), ec);
  }

  bool begin(NodeKind kind, json::error_code& ec) {
    open_.push_back(static_cast<std::uint32_t>(nodes.size()));
    return add(kind, 0, std::string_view{}, ec);
  }

  bool end(std::size_t count) {
    Node& node = nodes[open_.back()];
    open_.pop_back();
    node.integer = static_cast<std::int64_t>(count);
    node.next = static_cast<std::uint32_t>(nodes.size());
    return true;
  }

  // Unescaping never lengthens, so with room for the whole text no view is ever moved.
  bool keep(json::string_view part) {
    if (unescaped_.capacity() < text_.size()) unescaped_.reserve(text_.size());
    if (!in_part_) part_start_ = unescaped_.size();
    in_part_ = true;
    unescaped_.append(part.data(), part.size());
    return true;
  }

  bool add_text(NodeKind kind, json::string_view last, json::error_code& ec) {
    const bool in_place = !in_part_ && last.data() >= text_.data() &&
                          last.data() + last.size() <= text_.data() + text_.size();
    std::string_view whole(last.data(), last.size());
    if (!in_place && !(whole.empty() && !in_part_)) {
      keep(last);
      whole = std::string_view(unescaped_).substr(part_start_);
    }
    in_part_ = false;
    return add(kind, 0, whole, ec);
  }

  std::string_view text_;
  std::vector<std::uint32_t> open_;
  std::string unescaped_;
  std::size_t part_start_ = 0;
  bool in_part_ = false;
};

json::parse_options strict_options() {
  json::parse_options options;  // no comments, no trailing commas, no bad UTF-8
  options.max_depth = json_depth_max;
  return options;
}

}  // namespace

struct JsonTape::Parser {
  Parser() : parser(strict_options()) {}
  json::basic_parser<Recorder> parser;
};

JsonTape::JsonTape() : parser_(std::make_unique<Parser>()) {}
JsonTape::~JsonTape() = default;

const std::vector<Node>& JsonTape::nodes() const { return parser_->parser.handler().nodes; }

std::optional<TapeProblem> JsonTape::parse(std::string_view text) {
  auto& parser = parser_->parser;
  Recorder& recorder = parser.handler();
  recorder.start(text);
  if (text.size() > json_bytes_max) {
    return TapeProblem{TapeError::TooLarge,
                       "more than " + std::to_string(json_bytes_max) + " bytes of JSON"};
  }
  parser.reset();
  recorder.too_many = false;
  json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size()) ec = json::make_error_code(json::error::extra_data);
  if (!ec) return std::nullopt;
  if (recorder.too_many) {
    return TapeProblem{TapeError::TooLarge,
                       "more than " + std::to_string(json_values_max) + " JSON values"};
  }
  if (ec == json::error::too_deep) {
    return TapeProblem{TapeError::TooDeep, "objects and arrays nested more than " +
                                               std::to_string(json_depth_max) + " deep"};
  }
  return TapeProblem{TapeError::Malformed, "not valid JSON in UTF-8 at byte " +
                                               std::to_string(read) + ": " + ec.message()};
}

}  // namespace orderlog::codec
