// A store that reads through to another one and keeps its own writes in memory: for looking ahead
// without changing.
#pragma once

#include <map>

#include "engine/runtime/state_store.h"

namespace orderlog::runtime {

// One thread at a time.
class OverlayStateStore final : public StateStore {
 public:
  explicit OverlayStateStore(StateStore& below) : below_(below) {}

  Result<std::optional<std::string>> get(std::string_view key) override;
  Status write(const StateBatch& batch) override;
  Status scan(std::string_view from, std::string_view to,
              const std::function<bool(std::string_view, std::string_view)>& visit) override;
  Status flush() override { return Status(); }
  std::uint64_t memory_bytes() const override { return 0; }

 private:
  StateStore& below_;
  std::map<std::string, std::optional<std::string>, std::less<>> above_;
};

}  // namespace orderlog::runtime
