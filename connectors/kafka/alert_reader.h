// The alerts in the log, for the alerts topic: each DeliveryDelayed and DelayCleared event as it
// is, in the JSON of the live feed (`/v1/stream?alerts=true`), under the headers that it has on the
// events topic. Its ce_id is the event's id, so that a consumer knows one that it has seen.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/event_headers.h"
#include "events/log/event_log.h"

namespace orderlog::kafka {

// One thread.
class AlertReader {
 public:
  // Goes on behind these sequences, by partition. The log outlives this.
  AlertReader(log::LogReader& log, std::vector<Sequence> after);

  // Borrowed for the call. Key: the order's id.
  using Take =
      std::function<Status(std::string_view key, std::string_view value, std::span<const Header>)>;
  // Those up to and with `until`, which must be durable; by whole commits, until so many events
  // have been looked at. True: there are more. Errors: of the log, and those of `take`.
  Result<bool> read(const std::vector<Sequence>& until, std::size_t events_max, const Take& take);

  // Everything up to here has been given.
  const std::vector<Sequence>& position() const { return at_; }

 private:
  Result<log::CommitCursor*> cursor_of(PartitionId partition);

  log::LogReader& log_;
  std::vector<Sequence> at_;
  std::vector<std::unique_ptr<log::CommitCursor>> cursors_;
  EventHeaders headers_{json_media_type};
  std::string value_;
};

}  // namespace orderlog::kafka
