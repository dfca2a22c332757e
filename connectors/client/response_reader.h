// Bytes of a connection → responses, one after the other. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "connectors/client/response.h"
#include "events/base/result.h"

namespace orderlog::client {

class ResponseReader {
 public:
  ResponseReader();
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;

  // Body bytes are given here as they come instead of being gathered. Stays set.
  void stream_body(std::function<void(std::string_view)> piece);
  // Before a response: its request was a HEAD, so it has no body.
  void expect_no_body();

  enum class State { NeedMore, Complete };
  // Reads on; `consumed` bytes were used, the others must be given again. Interim answers (1xx) are
  // skipped. Errors: Corrupt (not HTTP), Overflow (larger than the limits).
  Result<State> read(std::string_view bytes, std::size_t& consumed);
  // The stream has ended: completes a response without a length. Errors: Io (cut off).
  Result<State> end();

  bool started() const;
  bool header_done() const;
  // With header_done().
  int status() const;
  bool keep_alive() const;
  // With Complete; ready for the next one afterwards.
  Response take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::client
