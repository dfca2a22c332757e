// How a handler answers: at once or later, once, on the event loop's thread. Answers reach the
// client in the order of its requests whatever the order they are given in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace orderlog::http {

// An answer, borrowed for the call.
struct Reply {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string_view body;
  // Further fields, each a whole line "Name: value\r\n".
  std::string_view fields;
};

// What a stream wants to hear; called on the loop's thread.
struct StreamEvents {
  std::function<void()> drained;  // everything written so far was taken by the client
  std::function<void()> closed;   // the client is gone; nothing is called after it
};

// The other end of the responders: a connection.
class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  virtual void reply(std::uint64_t exchange, const Reply& reply) = 0;
  virtual void open_stream(std::uint64_t exchange, const Reply& head, StreamEvents events) = 0;
  virtual bool write_stream(std::uint64_t exchange, std::string_view text) = 0;
  virtual void close_stream(std::uint64_t exchange) = 0;
  virtual std::size_t buffered_bytes() const = 0;
};

// An answer without an end. Copies mean the same stream. Loop's thread only.
class StreamWriter {
 public:
  StreamWriter() = default;
  StreamWriter(std::shared_ptr<ExchangeSink> sink, std::uint64_t exchange)
      : sink_(std::move(sink)), exchange_(exchange) {}

  // False: the client is gone, or so slow that it was dropped (`closed` is told).
  bool write(std::string_view text) { return sink_->write_stream(exchange_, text); }
  // Ends the stream and the connection in good order. `closed` is not called.
  void close() { sink_->close_stream(exchange_); }
  // Written, but not yet taken by the client.
  std::size_t buffered_bytes() const { return sink_->buffered_bytes(); }

 private:
  std::shared_ptr<ExchangeSink> sink_;
  std::uint64_t exchange_ = 0;
};

// Keeps its connection's memory (not the connection) alive. May be copied; the first answer counts.
class Responder {
 public:
  Responder() = default;
  Responder(std::shared_ptr<ExchangeSink> sink, std::uint64_t exchange)
      : sink_(std::move(sink)), exchange_(exchange) {}

  void send(const Reply& reply) const { sink_->reply(exchange_, reply); }

  // Begins a stream; `head.body` is not used.
  StreamWriter open_stream(const Reply& head, StreamEvents events) const {
    sink_->open_stream(exchange_, head, std::move(events));
    return StreamWriter(sink_, exchange_);
  }

 private:
  std::shared_ptr<ExchangeSink> sink_;
  std::uint64_t exchange_ = 0;
};

}  // namespace orderlog::http
