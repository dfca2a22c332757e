// What follows from the log, for other programs: alerts, and the rows of chosen reports on
// compacted topics. One node publishes at a time, the leader of partition 0, since a row may stand
// for events of any partition. It follows the durable log at its own pace, on a thread of its own
// (ADR 9).
//
//   not leading ──lead──▶ fence the publisher before ─▶ read how far that one came ─▶ wait until
//   the rows here are as new ─▶ compare each view's topic with the rows ─▶ publish what changes
//
// Must hold: 1. an alert and the position behind it are one transaction: whoever reads committed
// records gets each once; 2. no row is replaced by an older one: the earlier publisher is fenced
// first, and nothing is published before the rows here have reached what it published; 3. when all
// is published the last value of each key is the row, and a key without a row has none; 4. whatever
// goes wrong, the next attempt starts over from what the topics hold; 5. commits never wait for it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "events/base/clock.h"
#include "events/log/event_log.h"
#include "events/log/kafka/transactional_sender.h"
#include "projections/runner/runner.h"

namespace orderlog::kafka {

struct PublishedView {
  std::string report;     // one that has single rows
  std::string row_table;  // of it, in read_models.fbs
  std::string topic;
};

struct PublisherOptions {
  log::kafka::SenderOptions sender;
  std::string position_topic;
  std::string alerts_topic;  // empty: no alerts
  std::vector<PublishedView> views;
  // One transaction takes about so many records and bytes.
  std::size_t transaction_records_max = 2'000;
  std::size_t transaction_bytes_max = 4 * 1024 * 1024;
  // Of key, value and headers; a larger row is not published, and said so.
  std::size_t record_bytes_max = 8 * 1024 * 1024;
  // The position alone is written so often, when it moves and nothing is to be published.
  std::uint32_t position_interval_ms = 10'000;
  std::uint32_t retry_ms = 1'000;         // after a failure
  std::uint32_t fenced_retry_ms = 3'000;  // after another node has taken over
};

struct PublisherStats {
  bool publishing = false;                       // the topics are compared, changes are published
  std::map<std::string, std::uint64_t> records;  // by topic, deletions included
  std::uint64_t transactions = 0;
  std::uint64_t too_large = 0;     // rows that no record can hold
  std::uint64_t rows_waiting = 0;  // rows to be published
  std::uint64_t lag_events = 0;    // durable events whose consequences are not all published
  std::int64_t lag_us = 0;         // for how long there have been such
  std::string last_trouble;        // why nothing is published; empty: nothing is wrong
};

class Publisher {
 public:
  // What is passed outlives this. `as_of`: for columns that depend on the time of the question.
  Publisher(PublisherOptions options, log::LogReader& log, projections::Runner& runner,
            const Clock& as_of);
  // Within the request and transaction timeouts.
  ~Publisher();

  // Whether this node is the one. Any thread; returns at once.
  void lead(bool leads);
  PublisherStats stats() const;  // any thread

 private:
  friend class PublishingSession;

  void run();
  Status publish();
  bool go_on() const;
  void rest(std::uint32_t ms);
  void note(const Status& ended);
  std::uint64_t lag_events() const;

  const PublisherOptions options_;
  log::LogReader& log_;
  projections::Runner& runner_;
  const Clock& as_of_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool leads_ = false;
  bool stopping_ = false;
  PublisherStats stats_;
  std::vector<Sequence> through_;  // all that follows from events up to here is published
  std::chrono::steady_clock::time_point caught_up_;
  std::thread thread_;
};

}  // namespace orderlog::kafka
