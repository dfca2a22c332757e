// Which rows have changed, for those that copy them elsewhere. A watch remembers keys, not rows:
// a row that changes often waits once, and is read when it is wanted. Must hold: a change is told
// after its row is readable, and none goes by unseen: if one had to, the watch says so.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "projections/store/model_rows.h"

namespace orderlog::projections {

inline constexpr std::size_t watched_rows_max = 1'000'000;  // that wait in one watch

// Destroying it ends it. Any thread.
class RowWatch {
 public:
  // A row by its report (a number in the list that was asked for) and its key.
  using Name = std::pair<std::uint32_t, std::string>;
  struct Watched {
    std::string model;
    std::uint8_t table = 0;
  };
  RowWatch(std::vector<Watched> watched, std::size_t rows_max)
      : watched_(std::move(watched)), rows_max_(rows_max) {}

  // Up to `rows_max` rows that have changed since the watch began, those first that wait longest;
  // each waits once, however often it changed. Errors: Overflow, once: rows have changed unseen
  // (too many, or a model was built anew), so all of them must be looked at; Unavailable (the
  // runner has stopped).
  Result<std::vector<Name>> take(std::size_t rows_max);
  std::size_t waiting() const;
  // Until the models have folded something since the last wait, or the time is over.
  void wait(std::uint32_t timeout_ms);

 private:
  friend class RowWatches;
  bool wants(std::string_view model) const;
  void changed(std::string_view model, const std::vector<RowKey>& keys);
  void unseen();
  void folded();
  void stop(const Error& reason);
  void forget();

  const std::vector<Watched> watched_;  // by number of the report
  const std::size_t rows_max_;
  mutable std::mutex mutex_;
  std::condition_variable folded_;
  bool has_folded_ = false;
  std::set<Name> waiting_;
  std::deque<std::set<Name>::const_iterator> order_;
  bool unseen_ = false;
  std::optional<Error> stopped_;
};

// All watches of a runner. wants() to stop() are called by the runner's thread, watch() by any.
class RowWatches {
 public:
  Result<std::shared_ptr<RowWatch>> watch(std::vector<RowWatch::Watched> watched);

  bool wanted() const;
  bool wants(std::string_view model) const;
  // The rows of a batch that was written.
  void changed(std::string_view model, const std::vector<RowKey>& keys);
  // Rows changed that nobody noted: who watches by now must know.
  void unseen();
  void folded();
  void stop(const Error& reason);

 private:
  std::vector<std::shared_ptr<RowWatch>> alive() const;

  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<RowWatch>> watches_;
  std::optional<Error> stopped_;
};

}  // namespace orderlog::projections
