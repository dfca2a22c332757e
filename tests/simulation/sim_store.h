// The state store of a simulated node: RocksDB without a write-ahead log, as far as it matters.
// What was written is lost by a crash but for a prefix of whole batches, which were flushed in the
// background; flush() makes all of it durable.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/runtime/state_store.h"

namespace orderlog::sim {

class SimStore final : public runtime::StateStore {
 public:
  Result<std::optional<std::string>> get(std::string_view key) override;
  Status write(const runtime::StateBatch& batch) override;
  Status scan(std::string_view from, std::string_view to,
              const std::function<bool(std::string_view, std::string_view)>& visit) override;
  Status flush() override;
  std::uint64_t memory_bytes() const override { return 0; }

  std::size_t unflushed() const { return unflushed_.size(); }
  // The first `kept` of the unflushed batches survive.
  void crash(std::size_t kept);
  // Whether the next write fails, with nothing of it there.
  void fail_next_write(bool fails) { fail_next_write_ = fails; }
  // A disk that was replaced: everything is gone.
  void wipe();

 private:
  using Entries = std::map<std::string, std::string, std::less<>>;
  static void apply(Entries& entries, const runtime::StateBatch& batch);

  Entries durable_;
  std::vector<runtime::StateBatch> unflushed_;
  Entries live_;
  bool fail_next_write_ = false;
};

}  // namespace orderlog::sim
