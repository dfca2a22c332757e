// Finds the entries of a ledger by a text of theirs. Their hashes are kept beside the pointers to
// them, so that growing reads no entry: one command would wait while many are fetched from all over
// the memory. An entry must stay where it is, with its text, as long as it is in. In no order. One
// thread at a time.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace orderlog::engine {

template <class Entry, std::string Entry::*text>
class TextIndex {
 public:
  TextIndex() = default;
  TextIndex(TextIndex&&) noexcept = default;
  TextIndex& operator=(TextIndex&&) noexcept = default;

  // nullptr when there is none.
  const Entry* find(std::string_view of) const {
    const auto found = slots_.find(Wanted{hash_of(of), of});
    return found == slots_.end() ? nullptr : found->entry;
  }
  // No other entry may have its text.
  void insert(const Entry& entry) { slots_.insert(Slot{hash_of(entry.*text), &entry}); }
  void erase(const Entry& entry) { slots_.erase(Slot{hash_of(entry.*text), &entry}); }

 private:
  struct Slot {
    std::size_t hash;
    const Entry* entry;
  };
  struct Wanted {
    std::size_t hash;
    std::string_view value;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Slot& slot) const { return slot.hash; }
    std::size_t operator()(const Wanted& wanted) const { return wanted.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const { return a.entry == b.entry; }
    bool operator()(const Wanted& wanted, const Slot& slot) const {
      return wanted.hash == slot.hash && wanted.value == slot.entry->*text;
    }
    bool operator()(const Slot& slot, const Wanted& wanted) const { return (*this)(wanted, slot); }
  };
  static std::size_t hash_of(std::string_view of) { return std::hash<std::string_view>{}(of); }

  boost::unordered_flat_set<Slot, Hash, Equal> slots_;
};

}  // namespace orderlog::engine
