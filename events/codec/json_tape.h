// A JSON text as a flat list of nodes in reading order, borrowed from the text wherever it has no
// escapes. Members keep their order and their repeats, numbers their text, so that the reader can
// refuse what a tree of values would have hidden.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orderlog::codec {

enum class NodeKind : std::uint8_t {
  Null,
  Bool,
  Int,       // fits int64: `integer`
  Unsigned,  // only fits uint64: the bits in `integer`
  Real,      // has a fraction or an exponent, or fits neither
  Text,
  Object,  // then Key, value, Key, value …
  Array,   // then its values
  Key,
};

// 32 bytes: a text of an order has some sixty of them.
struct Node {
  NodeKind kind = NodeKind::Null;
  std::uint32_t next = 0;    // the node after this one and all that is in it
  std::int64_t integer = 0;  // of Bool, Int, Unsigned; bits of Real's double; see count()
  std::string_view text;     // of Text and Key without escapes; of a number as written

  // Members of an Object, elements of an Array.
  std::uint32_t count() const { return static_cast<std::uint32_t>(integer); }
  double real() const { return std::bit_cast<double>(integer); }
};

enum class TapeError : std::uint8_t { Malformed, TooDeep, TooLarge };
struct TapeProblem {
  TapeError error = TapeError::Malformed;
  std::string detail;
};

// One text at a time; keeps its memory for the next one. One thread at a time.
class JsonTape {
 public:
  JsonTape();
  ~JsonTape();

  // The text must stay where it is while the nodes are used. nodes()[0] is the root.
  std::optional<TapeProblem> parse(std::string_view text);
  const std::vector<Node>& nodes() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace orderlog::codec
