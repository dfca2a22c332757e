// POSIX sockets with poll() for the deadlines.
#include "connectors/client/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace orderlog::client {

namespace {

Error io_error(const char* what, int code) {
  return error(ErrorCode::Io, std::string(what) + ": " + std::strerror(code));
}

int milliseconds_left(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

Socket::~Socket() { close(); }

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Socket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void Socket::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

void Socket::shut_down() { ::shutdown(descriptor_, SHUT_RDWR); }

Status Socket::wait(short events, Deadline deadline) const {
  while (true) {
    pollfd entry{descriptor_, events, 0};
    const int ready = ::poll(&entry, 1, milliseconds_left(deadline));
    if (ready > 0) return {};
    if (ready == 0) return error(ErrorCode::Timeout, "the server did not answer in time");
    if (errno != EINTR) return io_error("poll", errno);
  }
}

Result<Socket> Socket::connect(const ServerAddress& server, Deadline deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found);
  if (code != 0) {
    return error(ErrorCode::InvalidArgument,
                 "no such host: " + server.host + ": " + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, ::freeaddrinfo);
  Error last = error(ErrorCode::Unavailable, "no address for " + server.host);
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return io_error("socket", errno);
    const int on = 1;
    ::setsockopt(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int failed = ::connect(socket.descriptor_, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (failed == EINPROGRESS) {
      if (const Status ready = socket.wait(POLLOUT, deadline); !ready) return ready.error();
      socklen_t size = sizeof failed;
      ::getsockopt(socket.descriptor_, SOL_SOCKET, SO_ERROR, &failed, &size);
    }
    if (failed == 0) return socket;
    last = error(ErrorCode::Unavailable, "can't connect to " + server.host + ":" + server.port +
                                             ": " + std::strerror(failed));
  }
  return last;
}

Result<std::size_t> Socket::send_some(std::string_view bytes) {
  while (true) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    if (errno != EINTR) return io_error("send", errno);
  }
}

Status Socket::send_all(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    auto sent = send_some(bytes);
    if (!sent) return sent.error();
    bytes.remove_prefix(*sent);
    if (*sent == 0) {
      if (const Status ready = wait(POLLOUT, deadline); !ready) return ready;
    }
  }
  return {};
}

Result<Socket::Ready> Socket::receive_some(char* into, std::size_t& size) {
  while (true) {
    const ssize_t got = ::recv(descriptor_, into, size, 0);
    if (got > 0) {
      size = static_cast<std::size_t>(got);
      return Ready::Data;
    }
    if (got == 0) return Ready::End;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Ready::Nothing;
    if (errno != EINTR) return io_error("recv", errno);
  }
}

Result<std::size_t> Socket::receive(char* into, std::size_t size, Deadline deadline) {
  while (true) {
    std::size_t got = size;
    auto ready = receive_some(into, got);
    if (!ready) return ready.error();
    if (*ready == Ready::Data) return got;
    if (*ready == Ready::End) return std::size_t{0};
    if (const Status waited = wait(POLLIN, deadline); !waited) return waited.error();
  }
}

}  // namespace orderlog::client
