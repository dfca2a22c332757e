// Open addressing with linear steps over a power of two, at most three quarters full.
#include "events/log/version_table.h"

#include <utility>

#include "events/base/hash.h"

namespace orderlog::log {
namespace {

constexpr std::size_t slots_at_first = 1'024;

std::uint64_t key_of(std::uint8_t type, std::string_view id) {
  const std::uint64_t key = fingerprint64(id) + type * 0x9E3779B97F4A7C15u;
  return key == 0 ? 1 : key;
}

}  // namespace

VersionTable::VersionTable() : keys_(slots_at_first), versions_(slots_at_first) {}

void VersionTable::clear() { *this = VersionTable(); }

std::size_t VersionTable::slot_of(std::uint64_t key) const {
  std::size_t slot = key & (keys_.size() - 1);
  while (keys_[slot] != 0 && keys_[slot] != key) slot = (slot + 1) & (keys_.size() - 1);
  return slot;
}

std::uint32_t& VersionTable::version_of(std::uint8_t type, std::string_view id) {
  const std::uint64_t key = key_of(type, id);
  std::size_t slot = slot_of(key);
  if (keys_[slot] == 0) {
    if ((used_ + 1) * 4 > keys_.size() * 3) {
      grow();
      slot = slot_of(key);
    }
    keys_[slot] = key;
    ++used_;
  }
  return versions_[slot];
}

void VersionTable::grow() {
  auto keys = std::exchange(keys_, std::vector<std::uint64_t>(keys_.size() * 2));
  auto versions = std::exchange(versions_, std::vector<std::uint32_t>(versions_.size() * 2));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == 0) continue;
    const std::size_t slot = slot_of(keys[i]);
    keys_[slot] = keys[i];
    versions_[slot] = versions[i];
  }
}

}  // namespace orderlog::log
