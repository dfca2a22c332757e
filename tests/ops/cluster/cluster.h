// Three brokers and some nodes of the engine, all real processes, and what a test does to them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/ops/process/server_process.h"

namespace orderlog::test {

// The brokers of the CTest fixture (ops/kafka), by their numbers from 1.
class Brokers {
 public:
  static std::string bootstrap();
  // `verb`: kill, pause, resume, start, stop (see ops/kafka/node). Returns when it is done.
  static void node(const std::string& verb, int number);
  // Starts whatever does not run.
  static void up();
  // The number of the broker that leads the partition of the topic.
  static int leader(const std::string& topic, int partition);
};

// An installation of its own on the brokers: topics, configuration, nodes.
class Installation {
 public:
  static constexpr int partitions = 3;
  Installation(std::filesystem::path directory, int nodes);

  ServerProcess& node(std::size_t i) { return *nodes_[i]; }
  std::size_t size() const { return nodes_.size(); }
  void start(std::size_t i);
  void start_all();
  // Until the nodes that run lead all partitions between them.
  void await_leaders();
  std::string configuration() const { return (directory_ / "orderlog.toml").string(); }
  std::string events_topic() const { return "orders.events." + name_; }
  std::string commands_topic() const { return "orders.commands." + name_; }
  std::string data(std::size_t i) const {
    return (directory_ / ("node" + std::to_string(i))).string();
  }
  std::vector<std::string> urls() const;

 private:
  std::filesystem::path directory_;
  std::string name_;
  std::vector<std::unique_ptr<ServerProcess>> nodes_;
};

// Clients that go on whatever happens: each command again and again, at any node, with the same key
// until it is acknowledged.
class Load {
 public:
  Load(std::vector<std::string> urls, int clients);
  ~Load() { stop(); }
  // Until so many more commands are acknowledged.
  void await(int more);
  // Until so many more are refused with 503.
  void await_refusals(int more);
  void stop();

  struct Command {
    std::string key;
    std::string item;
    std::string position;
  };
  // Of all that was acknowledged; after stop().
  const std::vector<Command>& acknowledged() const { return acknowledged_; }
  // Answers other than 200 and 503, and how often a 503 came.
  const std::vector<std::string>& wrong() const { return wrong_; }
  int refused() const { return refused_; }
  // The longest time without any acknowledgement so far, ms.
  std::int64_t longest_gap_ms() const { return longest_gap_ms_; }

 private:
  void run(int client);

  std::vector<std::string> urls_;
  std::mutex mutex_;
  std::vector<Command> acknowledged_;
  std::vector<std::string> wrong_;
  std::chrono::steady_clock::time_point last_;
  std::atomic<std::int64_t> longest_gap_ms_ = 0;
  std::atomic<int> count_ = 0;
  std::atomic<int> refused_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

// Every acknowledged command is in the log once: it is answered as before, and stock is their sum.
void expect_nothing_lost(const std::string& url, const Load& load);
// The log proves itself, and every node that was stopped has the state that follows from it.
void expect_whole(Installation& installation);

}  // namespace orderlog::test
