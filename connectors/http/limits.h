// Every bound of the HTTP edge, with its unit. A full one answers at once; nothing grows beyond it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace orderlog::http {

// Between nodes. Not options: what one node sends, every other one must take.
inline constexpr std::string_view peer_media_type = "application/x-flatbuffers";
inline constexpr std::size_t peer_commands_max = 1'024;                   // of one request
inline constexpr std::size_t peer_request_bytes_max = 8 * 1024 * 1024;    // above: 413
inline constexpr std::size_t peer_response_bytes_max = 64 * 1024 * 1024;  // above: not read
inline constexpr std::size_t peer_command_bytes_max = 4 * 1024 * 1024;    // above: refused

// Connections taken in one turn of the loop; the others wait for the next one.
inline constexpr std::size_t accepts_per_turn = 256;

struct HttpLimits {
  std::size_t connections_max = 1'024;       // above: 503 and closed
  std::size_t header_bytes_max = 16 * 1024;  // request line and fields together; above: 431
  std::size_t header_fields_max = 64;
  std::size_t target_bytes_max = 8 * 1024;              // above: 414
  std::size_t body_bytes_max = 1024 * 1024;             // of one request; above: 413
  std::size_t batch_body_bytes_max = 16 * 1024 * 1024;  // of one NDJSON batch; above: 413
  // Bodies above `body_bytes_kept` that are being received, all connections together; above: 503.
  std::size_t large_bodies_bytes_max = 128 * 1024 * 1024;
  std::size_t body_bytes_kept = 64 * 1024;  // memory a connection keeps for its next body

  // Requests of one connection that wait for their answers; further ones stay in the socket.
  std::size_t requests_pipelined_max = 256;
  // Single commands decided in one turn of the loop, which is whatever is ready to be read when it
  // begins; above: 503 for those that were sent before an earlier one of their connection was
  // answered, so that no command waits for many more than these once it was read. A client that
  // waits for each answer is not refused.
  std::size_t commands_per_turn_max = 256;
  // Answers that the client does not fetch; above, no further request of it is read.
  std::size_t output_bytes_paused = 1024 * 1024;

  std::uint32_t idle_seconds_max = 75;         // between requests
  std::uint32_t request_seconds_max = 30;      // from a request's first byte to its last; then 408
  std::uint32_t write_stall_seconds_max = 30;  // without any byte taken by the client
  std::uint32_t linger_seconds_max = 2;        // for the client to read a last answer

  std::size_t batch_rows_max = 10'000;    // lines of one NDJSON batch; above: 413
  std::size_t batch_rows_per_turn = 128;  // decided before other connections have their turn
  std::size_t batches_max = 16;           // at work at the same time; above: 503

  std::size_t peer_requests_max = 64;  // of other nodes at work at the same time; above: 503
  // For the commands of one such request to become durable; then the others' answers go out alone.
  // Less than the other node waits (PeerForwarderOptions), so that one slow command does not make
  // the outcome of all unknown.
  std::uint32_t peer_answer_ms_max = 5'000;

  std::size_t query_threads = 1;
  std::size_t query_queue_max = 256;               // queries that wait for a thread; above: 503
  std::size_t query_waiting_max = 256;             // queries that wait for a position; above: 503
  std::uint32_t min_position_wait_ms_max = 5'000;  // for a position; then 503
  std::size_t page_rows_max = 500;                 // of one page of a report
  std::size_t page_rows_default = 100;

  std::size_t streams_max = 64;                           // live feeds; above: 503
  std::size_t stream_buffer_bytes_max = 4 * 1024 * 1024;  // not fetched by the client: dropped
  std::size_t stream_catch_up_bytes = 256 * 1024;         // of history on its way to one client
  std::uint32_t stream_heartbeat_seconds = 15;
  std::uint32_t stream_retry_ms = 2'000;  // told to the client: when to come back
};

}  // namespace orderlog::http
