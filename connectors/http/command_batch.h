// A batch of commands at work: rows are submitted in order, some in each turn of the loop, and the
// answer is put together when the last one is durable. Loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/command_submit.h"
#include "connectors/http/limits.h"
#include "connectors/http/responder.h"

namespace orderlog::http {

class EventLoop;

class CommandBatch : public std::enable_shared_from_this<CommandBatch> {
 public:
  // The body is kept. `finished` is called after the answer was given.
  CommandBatch(CommandSubmitter& submitter, EventLoop& loop, std::size_t rows_per_turn,
               std::string body, CommandHeaders headers, std::string actor, Responder responder,
               std::function<void()> finished);

  // Rows that are not blank.
  std::size_t rows() const { return rows_.size(); }
  void start() { turn(); }

 private:
  void turn();
  void submit(std::size_t row);
  void answered(std::size_t row, const runtime::Answer& answer);
  void refuse(std::size_t row, const std::vector<codec::Problem>& problems);
  void row_done();

  CommandSubmitter& submitter_;
  EventLoop& loop_;
  std::size_t rows_per_turn_;
  std::string body_;
  std::string actor_;
  CommandHeaders headers_;
  Responder responder_;
  std::function<void()> finished_;
  std::vector<std::string_view> rows_;
  std::vector<std::string> results_;
  std::size_t next_ = 0;
  std::size_t open_;
};

}  // namespace orderlog::http
