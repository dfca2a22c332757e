// Reads a live feed (server-sent events). Blocks; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/client/http_client.h"
#include "events/base/result.h"

namespace orderlog::client {

struct ServerEvent {
  std::string id;    // the last one given, also by an earlier event
  std::string type;  // "message" when none was given
  std::string data;
};

class EventStream {
 public:
  // Connects and waits for the head of the answer. Errors: as HttpClient::request, and Conflict
  // with the body as message when the status is not 200.
  static Result<EventStream> open(std::string_view url, std::string_view target,
                                  std::string_view last_event_id = {}, ClientOptions options = {});
  ~EventStream();
  EventStream(EventStream&&) noexcept;
  EventStream& operator=(EventStream&&) noexcept;

  // The next event with data; nothing when none came in time. Errors: Io (the stream has ended),
  // Corrupt.
  Result<std::optional<ServerEvent>> next(std::uint32_t timeout_ms);
  // For Last-Event-ID; also what came without data.
  const std::string& last_event_id() const;

 private:
  struct Impl;
  explicit EventStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::client
