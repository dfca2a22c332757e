// Walks the entries of a parsed frame (commit.h) in place. Each kind of entry knows its own layout;
// the bounds were checked when the frame was parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace orderlog::log {

template <class Entry>
class FrameRange {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Entry;

    Iterator() = default;
    Iterator(const std::uint8_t* at, std::uint32_t left) : at_(at), left_(left) {}
    Entry operator*() const;
    Iterator& operator++();
    Iterator operator++(int) {
      auto old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.left_ == b.left_; }

   private:
    const std::uint8_t* at_ = nullptr;
    std::uint32_t left_ = 0;
  };

  FrameRange(const std::uint8_t* first, std::uint32_t count) : first_(first), count_(count) {}
  Iterator begin() const { return Iterator(first_, count_); }
  Iterator end() const { return Iterator(nullptr, 0); }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  const std::uint8_t* first_;
  std::uint32_t count_;
};

}  // namespace orderlog::log
