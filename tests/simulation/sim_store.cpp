#include "tests/simulation/sim_store.h"

namespace orderlog::sim {

void SimStore::apply(Entries& entries, const runtime::StateBatch& batch) {
  for (const auto& [key, value] : batch) {
    if (value) {
      entries.insert_or_assign(key, *value);
    } else {
      entries.erase(key);
    }
  }
}

Result<std::optional<std::string>> SimStore::get(std::string_view key) {
  const auto found = live_.find(key);
  if (found == live_.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Status SimStore::write(const runtime::StateBatch& batch) {
  if (std::exchange(fail_next_write_, false))
    return error(ErrorCode::Io, "the state store's disk failed");
  apply(live_, batch);
  unflushed_.push_back(batch);
  return {};
}

Status SimStore::scan(std::string_view from, std::string_view to,
                      const std::function<bool(std::string_view, std::string_view)>& visit) {
  // A copy, as `visit` may use the store.
  const std::vector<std::pair<std::string, std::string>> range(live_.lower_bound(from),
                                                               live_.lower_bound(to));
  for (const auto& [key, value] : range) {
    if (!visit(key, value)) break;
  }
  return {};
}

Status SimStore::flush() {
  for (const auto& batch : unflushed_) apply(durable_, batch);
  unflushed_.clear();
  return {};
}

void SimStore::crash(std::size_t kept) {
  for (std::size_t i = 0; i < kept && i < unflushed_.size(); ++i) apply(durable_, unflushed_[i]);
  unflushed_.clear();
  live_ = durable_;
  fail_next_write_ = false;
}

void SimStore::wipe() {
  durable_.clear();
  unflushed_.clear();
  live_.clear();
}

}  // namespace orderlog::sim
