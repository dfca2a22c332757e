// The state store as a sorted map: the naive twin.
#include <map>
#include <mutex>

#include "engine/runtime/state_store.h"

namespace orderlog::runtime {
namespace {

class MemoryStateStore final : public StateStore {
 public:
  Result<std::optional<std::string>> get(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }

  Status write(const StateBatch& batch) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, value] : batch) {
      if (value) {
        entries_.insert_or_assign(key, *value);
      } else {
        entries_.erase(key);
      }
    }
    return Status();
  }

  Status scan(std::string_view from, std::string_view to,
              const std::function<bool(std::string_view, std::string_view)>& visit) override {
    // A copy, so that `visit` may use this or another store.
    std::vector<std::pair<std::string, std::string>> range;
    {
      const std::lock_guard lock(mutex_);
      range.assign(entries_.lower_bound(from), entries_.lower_bound(to));
    }
    for (const auto& [key, value] : range) {
      if (!visit(key, value)) break;
    }
    return Status();
  }

  Status flush() override { return Status(); }
  std::uint64_t memory_bytes() const override { return 0; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> entries_;
};

}  // namespace

std::unique_ptr<StateStore> make_memory_state_store() {
  return std::make_unique<MemoryStateStore>();
}

}  // namespace orderlog::runtime
