// The answers of one connection on their way out: given in any order, written in the order of the
// requests. Text only, no socket. Must hold: an answer's bytes are complete and in one piece;
// behind an answer that ends the connection nothing follows. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/responder.h"

namespace orderlog::http {

struct ExchangeTraits {
  bool head_only = false;   // a HEAD request: no body
  bool keep_alive = true;   // the connection goes on after it
  bool is_http_1_1 = true;  // may be told in chunks
  std::int64_t started_us = 0;
};

class ExchangeQueue {
 public:
  // `capacity`: exchanges that may be open at once, rounded up to a power of two.
  explicit ExchangeQueue(std::size_t capacity);

  // Number of the new exchange, counted from 1. Must not be called when full() or ended().
  std::uint64_t open(const ExchangeTraits& traits);

  // The answer; `date` is the value of the Date field. False: it was answered before.
  bool reply(std::uint64_t exchange, const Reply& reply, std::string_view date);
  // The answer's head; stream() adds to its body until end_stream().
  bool open_stream(std::uint64_t exchange, const Reply& head, std::string_view date);
  bool stream(std::uint64_t exchange, std::string_view text);
  void end_stream(std::uint64_t exchange);
  // Raw bytes in front of all answers, when none is open: "100 Continue".
  bool interject(std::string_view bytes);

  // Bytes that may be written now. The caller takes them by swapping or clearing.
  std::string& out() { return out_; }
  bool empty() const { return first_ == next_; }
  std::size_t open_exchanges() const { return static_cast<std::size_t>(next_ - first_); }
  bool full() const { return open_exchanges() == slots_.size(); }
  // The last answer that this connection may carry is in out().
  bool ended() const { return ended_; }
  // An exchange was opened after which the connection closes: no further request counts.
  bool ending() const { return ending_; }
  bool streaming() const { return streaming_; }
  std::int64_t started_us(std::uint64_t exchange) const { return slot(exchange).traits.started_us; }

 private:
  enum class SlotState : std::uint8_t { Free, Waiting, Streaming, Ready };
  struct Slot {
    SlotState state = SlotState::Free;
    ExchangeTraits traits;
    std::string text;  // while others are in front of it
  };

  Slot& slot(std::uint64_t exchange) { return slots_[exchange & mask_]; }
  const Slot& slot(std::uint64_t exchange) const { return slots_[exchange & mask_]; }
  bool is_open(std::uint64_t exchange) const { return exchange >= first_ && exchange < next_; }
  std::string& text_of(std::uint64_t exchange);
  void advance();

  std::vector<Slot> slots_;
  std::uint64_t mask_;
  std::uint64_t first_ = 1;
  std::uint64_t next_ = 1;
  std::string out_;
  bool ending_ = false;
  bool ended_ = false;
  bool streaming_ = false;
};

// "OK" for 200 and so on.
std::string_view reason_phrase(int status);

}  // namespace orderlog::http
