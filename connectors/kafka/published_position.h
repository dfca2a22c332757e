// How far the log's consequences are published: one record under one key on a compacted topic of
// its own, written in the transaction of the records that it counts in.
//   key "position", value {"alerts":[18,7,0],"rows":[18,9,0]}: sequences by partition
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/ids.h"
#include "events/base/result.h"
#include "events/log/kafka/client.h"

namespace orderlog::kafka {

struct PublishedPosition {
  std::vector<Sequence> alerts;  // every alert up to here is published
  std::vector<Sequence> rows;    // no row is published that stands for more

  friend bool operator==(const PublishedPosition&, const PublishedPosition&) = default;
};

inline constexpr std::string_view position_key = "position";

std::string position_text(const PublishedPosition& position);
// Errors: Corrupt (not one, or of another number of partitions).
Result<PublishedPosition> read_position_text(std::string_view text, std::size_t partitions);

// What the topic says; all zero when it says nothing. Reads it to its end. `go_on` is asked now and
// then. Errors: NotFound (no such topic), Corrupt, Unavailable (told to stop, no broker in time).
Result<PublishedPosition> read_position(const log::kafka::ClientOptions& client,
                                        const std::string& topic, std::size_t partitions,
                                        std::uint32_t timeout_ms,
                                        const std::function<bool()>& go_on);

}  // namespace orderlog::kafka
