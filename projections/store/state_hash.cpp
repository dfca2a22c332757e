#include "projections/store/state_hash.h"

#include <cstring>

namespace orderlog::projections {
namespace {

void add_to(std::array<std::uint64_t, 4>& sum, const std::string& item) {
  const Hash256 hash = sha256(std::string_view(item));
  for (std::size_t i = 0; i < sum.size(); ++i) {
    std::uint64_t word;
    std::memcpy(&word, hash.data() + 8 * i, sizeof word);
    sum[i] += word;
  }
}

}  // namespace

Result<Hash256> state_hash_of(const ReadView& view, const ModelDefinition& definition) {
  std::array<std::uint64_t, 4> sum{};
  for (const TableDefinition& table : definition.tables) {
    const auto scanned = view.scan(table.name, "", [&](std::string_view key, std::string_view row) {
      if (table.items_of) {
        for (const std::string& item : table.items_of(std::string(row))) {
          add_to(sum, Key().text(table.name).rest(item).take());
        }
      } else {
        add_to(sum, Key().text(table.name).text(key).rest(row).take());
      }
      return true;
    });
    if (!scanned) return scanned.error();
  }
  Hash256 hash;
  std::memcpy(hash.data(), sum.data(), hash.size());
  return hash;
}

}  // namespace orderlog::projections
