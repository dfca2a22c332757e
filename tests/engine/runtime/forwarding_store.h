// A state store that passes everything on to another: what a test watches or spoils it overrides.
#pragma once

#include "engine/runtime/state_store.h"

namespace orderlog::runtime::test {

class ForwardingStore : public StateStore {
 public:
  explicit ForwardingStore(StateStore& store) : store_(store) {}

  Result<std::optional<std::string>> get(std::string_view key) override { return store_.get(key); }
  Status write(const StateBatch& batch) override { return store_.write(batch); }
  Status scan(std::string_view from, std::string_view to,
              const std::function<bool(std::string_view, std::string_view)>& visit) override {
    return store_.scan(from, to, visit);
  }
  Status flush() override { return store_.flush(); }
  std::uint64_t memory_bytes() const override { return store_.memory_bytes(); }

 private:
  StateStore& store_;
};

}  // namespace orderlog::runtime::test
