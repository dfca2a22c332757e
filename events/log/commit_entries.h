// The three kinds of entries of a commit frame (commit.h draws it) and the walk over them in place.
// The walk trusts lengths and counts: CommitView::parse has checked them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>

#include "events/base/ids.h"

namespace orderlog::log {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Position of a commit in its partition, without gaps; the first is 1, so 0 means "none yet".
using CommitIndex = StrongId<struct CommitIndexTag, std::uint64_t>;
// Position of an outbox entry among those from one partition to one other; the first is 1.
using OutboxSequence = StrongId<struct OutboxSequenceTag, std::uint64_t>;

struct OutboxEntry {
  PartitionId target;
  OutboxSequence sequence;
  Bytes command;  // a CommandEnvelope, 8-byte aligned when the frame is
};

struct InboxPosition {
  // A partition; or, with the number behind the last partition's, the partition's own inbox topic.
  PartitionId source;
  // The last entry of that source's outbox for us that took effect; of an inbox topic, the offset
  // of the first record that may not be done with.
  OutboxSequence consumed;
  CommitIndex source_commit;  // the commit of the source that holds this entry; 0 for a topic

  friend bool operator==(const InboxPosition&, const InboxPosition&) = default;
};

// How one kind of entry lies in the frame: fixed bytes in front, then as many as it says, padded.
template <class Entry>
struct EntryLayout;

template <class Int>
Int load_int(const std::uint8_t* at) {
  Int value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

constexpr std::size_t padded_to_8(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

template <>
struct EntryLayout<Bytes> {  // an event
  static constexpr std::size_t prefix_bytes = 8;
  static Bytes read(const std::uint8_t* at) { return {at + 8, load_int<std::uint32_t>(at)}; }
  static std::size_t body_bytes(const std::uint8_t* at) { return load_int<std::uint32_t>(at); }
};

template <>
struct EntryLayout<OutboxEntry> {
  static constexpr std::size_t prefix_bytes = 16;
  static OutboxEntry read(const std::uint8_t* at) {
    return {PartitionId(load_int<std::uint32_t>(at + 4)),
            OutboxSequence(load_int<std::uint64_t>(at + 8)),
            {at + 16, load_int<std::uint32_t>(at)}};
  }
  static std::size_t body_bytes(const std::uint8_t* at) { return load_int<std::uint32_t>(at); }
};

template <>
struct EntryLayout<InboxPosition> {
  static constexpr std::size_t prefix_bytes = 24;
  static InboxPosition read(const std::uint8_t* at) {
    return {PartitionId(load_int<std::uint32_t>(at)),
            OutboxSequence(load_int<std::uint64_t>(at + 8)),
            CommitIndex(load_int<std::uint64_t>(at + 16))};
  }
  static std::size_t body_bytes(const std::uint8_t*) { return 0; }
};

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
    Entry operator*() const { return EntryLayout<Entry>::read(at_); }
    Iterator& operator++() {
      at_ += EntryLayout<Entry>::prefix_bytes + padded_to_8(EntryLayout<Entry>::body_bytes(at_));
      --left_;
      return *this;
    }
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

using EventRange = FrameRange<Bytes>;
using OutboxRange = FrameRange<OutboxEntry>;
using InboxRange = FrameRange<InboxPosition>;

}  // namespace orderlog::log
