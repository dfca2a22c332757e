// Finds its way over a JSON text without reading it: where a value ends, so that a part of the text
// can be cut out as it was written. It trusts nothing and understands little: whatever it lets pass
// must be read, strictly, by the tape.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace orderlog::codec {

// Borrows the text. Every step skips blanks in front of it.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  void skip_blanks();
  // The character, if it is the next.
  bool take(char c);
  // The text between quotes, as written; nothing when there is no closed text.
  std::optional<std::string_view> take_text();
  // Any value, as written, without the blanks around it. Stops at the comma or the bracket behind
  // it; nothing when the text ends before.
  std::optional<std::string_view> take_value();
  // Nothing but blanks is left.
  bool done();

  std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// The value of a member of an object, as written. Nothing when it is not there or its name has
// escapes.
std::optional<std::string_view> member_as_written(std::string_view object, std::string_view name);

}  // namespace orderlog::codec
