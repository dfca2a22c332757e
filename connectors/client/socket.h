// A TCP socket that never blocks longer than it is told to. RAII over the descriptor. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

#include "connectors/client/response.h"
#include "events/base/result.h"

namespace orderlog::client {

using Deadline = std::chrono::steady_clock::time_point;
inline Deadline deadline_in(std::uint32_t ms) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

class Socket {
 public:
  Socket() = default;
  ~Socket();
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;

  // Non-blocking, without Nagle's delay. Errors: InvalidArgument (no such host), Unavailable
  // (refused), Timeout.
  static Result<Socket> connect(const ServerAddress& server, Deadline deadline);

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  void close();
  // No more bytes will be sent; reading goes on.
  void finish_sending();
  // Ends the connection in both directions: who waits for it is woken. Any thread, while open.
  void shut_down();

  // Sends all of it. Errors: Io (the peer is gone), Timeout.
  Status send_all(std::string_view bytes, Deadline deadline);
  // What the kernel takes right now; 0 when it takes nothing. Errors: Io.
  Result<std::size_t> send_some(std::string_view bytes);
  // At least one byte, or 0 at the end of the stream. Errors: Io, Timeout.
  Result<std::size_t> receive(char* into, std::size_t size, Deadline deadline);
  enum class Ready { Data, Nothing, End };
  // What is there right now; `size` is set with Data. Errors: Io.
  Result<Ready> receive_some(char* into, std::size_t& size);

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Status wait(short events, Deadline deadline) const;

  int descriptor_ = -1;
};

}  // namespace orderlog::client
