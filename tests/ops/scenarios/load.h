// Clients that keep commands coming through the public API while the server fails, and the record
// that they keep: what was sent, and what was answered. The record is the oracle. Must hold, of
// every run: 1. what was acknowledged is there with the same answer; 2. what is sent again has one
// effect, however often; 3. every refusal is a problem that says when to try again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace orderlog::test {

struct Sent {
  std::string command;
  std::string key;  // Idempotency-Key
  std::string body;
  std::string subject;     // the stock item
  std::int64_t milli = 0;  // what it adds there: on hand, or reserved
  int client = 0;
  std::optional<std::string> answer;  // the first one that accepted it; none: unknown
  std::vector<std::string> refusals;  // types of the problems before that
};

// `number` rises from 0 for each client: the pair is never given twice.
using MakeCommand = std::function<Sent(int client, int number)>;

// Stock received, and orders placed for it. Every command is accepted, and what it adds can be
// counted at the end. `note_bytes`: of text in each order that does not compress.
MakeCommand trade(std::uint64_t seed, std::size_t note_bytes = 0);
// What `trade` needs, once: customers, products, and stock enough for all orders.
void prepare_trade(const std::string& url);
// The reports say what the record adds up to, which has been settled.
void expect_effects(const std::string& url, const std::vector<Sent>& record);

class Load {
 public:
  // At once. `url`: where the server is, or will be again.
  Load(std::string url, MakeCommand make, std::uint64_t seed);
  ~Load();
  Load(const Load&) = delete;

  // Until so many more were acknowledged. False: not for a long time.
  bool acknowledged(std::uint64_t more);
  // What was acknowledged until now.
  std::vector<Sent> so_far();
  // Ends the clients; what they sent, in order for each client. Unknown is what they gave up, or
  // had under way.
  std::vector<Sent> finish();

 private:
  void run(int client, std::uint64_t seed);

  const std::string url_;
  const MakeCommand make_;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;  // everything down to records_
  std::condition_variable counted_;
  std::uint64_t acknowledged_ = 0;
  std::vector<std::vector<Sent>> records_;
  std::vector<std::thread> threads_;
};

// Sends everything again: what was acknowledged must get the same answer, as a repeat; what was
// unknown gets one now.
void settle(const std::string& url, std::vector<Sent>& record);

}  // namespace orderlog::test
