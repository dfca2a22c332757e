// Many requests under way at once, over one or several connections, from one plain thread: for the
// simulator, imports and load generators. Requests on one connection are answered in order. One
// thread at a time; answers are called back inside send(), serve() and drain().
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "connectors/client/http_client.h"
#include "connectors/client/response.h"
#include "events/base/result.h"

namespace orderlog::client {

struct PipelineOptions {
  std::size_t connections = 1;
  std::size_t outstanding_max = 64;  // requests without an answer, for each connection
  ClientOptions timeouts;
};

// Borrowed for the call. Errors: Io and Timeout (sent; the outcome is unknown), Unavailable (not
// sent), Corrupt, Overflow. After an error the connection is opened anew; all that was under way on
// it gets the error.
using ResponseDone = std::function<void(const Result<Response>&)>;

class PipelinedClient {
 public:
  // Errors: InvalidArgument (url, options). Connections are opened with their first request.
  static Result<std::unique_ptr<PipelinedClient>> open(std::string_view url,
                                                       PipelineOptions options);
  virtual ~PipelinedClient() = default;

  // Sends on the connection with the fewest requests under way; while all are full it waits for an
  // answer. The bytes may leave with the next send, serve or drain. `done` may call send. Errors
  // (and then `done` is never called): Unavailable (can't connect).
  virtual Status send(const RequestText& request, ResponseDone done) = 0;

  // The same on the connection `key % connections`, so that requests of one key keep their order.
  virtual Status send_in_order(std::size_t key, const RequestText& request, ResponseDone done) = 0;

  // Sends what waits and takes what has come, waiting up to `timeout` for something to come; at
  // once when nothing is under way.
  virtual void serve(std::chrono::microseconds timeout) = 0;
  // Until nothing is under way.
  virtual void drain() = 0;
  virtual std::size_t outstanding() const = 0;
};

}  // namespace orderlog::client
