#include "engine/runtime/overlay_state_store.h"

namespace orderlog::runtime {

Result<std::optional<std::string>> OverlayStateStore::get(std::string_view key) {
  const auto found = above_.find(key);
  if (found != above_.end()) return found->second;
  return below_.get(key);
}

Status OverlayStateStore::write(const StateBatch& batch) {
  for (const auto& [key, value] : batch) above_.insert_or_assign(key, value);
  return Status();
}

// A merge of two sorted sequences; what is above hides what is below.
Status OverlayStateStore::scan(
    std::string_view from, std::string_view to,
    const std::function<bool(std::string_view, std::string_view)>& visit) {
  auto above = above_.lower_bound(from);
  const auto end = above_.lower_bound(to);
  bool go_on = true;
  const auto visit_above = [&] {
    if (above->second) go_on = visit(above->first, *above->second);
    ++above;
  };
  auto status = below_.scan(from, to, [&](std::string_view key, std::string_view value) {
    while (go_on && above != end && above->first < key) visit_above();
    if (!go_on) return false;
    if (above != end && above->first == key) {
      visit_above();
    } else {
      go_on = visit(key, value);
    }
    return go_on;
  });
  if (!status) return status;
  while (go_on && above != end) visit_above();
  return Status();
}

}  // namespace orderlog::runtime
