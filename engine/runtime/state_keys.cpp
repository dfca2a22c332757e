// The keys of the state store: sortable, so that a section is a range.
#include "engine/runtime/state_store.h"

namespace orderlog::runtime {
namespace {

void put_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// Flips the sign bit, so that earlier instants sort first also before 1970.
std::uint64_t sortable(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ (1ULL << 63);
}

std::string section_key(PartitionId partition, char section) {
  std::string key;
  put_big_endian(key, partition.value, 4);
  key.push_back(section);
  return key;
}

constexpr std::size_t section_bytes = 5;

}  // namespace

std::string applied_key(PartitionId partition) { return section_key(partition, 'A'); }

std::string state_key(PartitionId partition, std::uint8_t kind, std::string_view id) {
  std::string key = section_key(partition, 'S');
  key.push_back(static_cast<char>(kind));
  key.append(id);
  return key;
}

std::string part_key(PartitionId partition, std::uint8_t kind, std::string_view id,
                     std::string_view key) {
  std::string whole = section_key(partition, 'P');
  whole.push_back(static_cast<char>(kind));
  put_big_endian(whole, id.size(), 2);
  whole.append(id).append(key);
  return whole;
}

std::pair<std::string, std::string> part_range(PartitionId partition, std::uint8_t kind,
                                               std::string_view id) {
  std::string from = part_key(partition, kind, id, {});
  std::string to = from;
  // The first key behind all that begin like this one: the last byte that can grow, grown.
  while (static_cast<unsigned char>(to.back()) == 0xff) to.pop_back();
  to.back() = static_cast<char>(static_cast<unsigned char>(to.back()) + 1);
  return {std::move(from), std::move(to)};
}

std::string timer_key(PartitionId partition, std::int64_t due, std::uint8_t kind,
                      std::string_view id) {
  std::string key = section_key(partition, 'T');
  put_big_endian(key, sortable(due), 8);
  key.push_back(static_cast<char>(kind));
  key.append(id);
  return key;
}

std::string dedup_key(PartitionId partition, std::uint64_t chunk) {
  std::string key = section_key(partition, 'D');
  put_big_endian(key, chunk, 8);
  return key;
}

std::pair<std::string, std::string> section_range(PartitionId partition, char section) {
  return {section_key(partition, section), section_key(partition, static_cast<char>(section + 1))};
}

TimerKey parse_timer_key(std::string_view key) {
  std::uint64_t due = 0;
  for (std::size_t i = 0; i < 8; ++i)
    due = due << 8 | static_cast<std::uint8_t>(key[section_bytes + i]);
  return {static_cast<std::int64_t>(due ^ (1ULL << 63)),
          static_cast<std::uint8_t>(key[section_bytes + 8]),
          std::string(key.substr(section_bytes + 9))};
}

}  // namespace orderlog::runtime
