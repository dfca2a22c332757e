// The forwarder by itself: its bounds, and what it says when things go wrong.
#include "connectors/http/peer_forwarder.h"

#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "connectors/http/peer_codec.h"
#include "tests/connectors/http/test_cluster.h"

namespace orderlog::http {
namespace {

using runtime::Answer;
using runtime::Outcome;

// A loop with nothing but a forwarder, and the answers in the order they came.
class Bench {
 public:
  explicit Bench(PeerForwarderOptions options = {})
      : server_([](Router&, EventLoop&) {}), forwarder_(server_.loop(), std::move(options)) {}
  ~Bench() { stop(); }

  void forward(const std::string& address, std::size_t bytes = 10) {
    server_.run([&](const std::function<void()>& done) {
      Answer refused;
      refused.outcome = Outcome::NotLeading;
      refused.command_id = Uuid(1, ++number_);
      refused.aggregate_id = "A";
      refused.leader_address = address;
      const std::vector<std::uint8_t> command(bytes, 1);
      forwarder_.forward(refused, command, [this](const Answer& answer) {
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(answer.aggregate_id, "A");
        answers_.push_back(answer);
      });
      done();
    });
  }
  void stop() {
    server_.run([&](const std::function<void()>& done) {
      forwarder_.stop();
      done();
    });
    server_.run([](const std::function<void()>& done) { done(); });
  }
  std::vector<Answer> answers(std::size_t count) {
    const auto have = [&] {
      const std::lock_guard lock(mutex_);
      return answers_.size();
    };
    wait_until([&] { return have() >= count; });
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  std::size_t with(Outcome outcome) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(answers_.begin(), answers_.end(),
                      [&](const Answer& answer) { return answer.outcome == outcome; }));
  }
  PeerForwarderStats stats() const { return forwarder_.stats(); }
  // One request is under way, so that whatever comes now waits.
  void wait_for_request() {
    wait_until([&] { return stats().requests == 1; });
  }

 private:
  TestServer server_;
  PeerForwarder forwarder_;
  std::mutex mutex_;
  std::vector<Answer> answers_;
  std::uint64_t number_ = 0;
};

std::string closed_port() {
  DeafServer gone;
  std::string address = gone.address();
  gone.close();
  return address;
}

TEST(PeerForwarder, WhoCannotBeReachedHasDecidedNothing) {
  Bench bench;
  for (const std::string& address :
       {closed_port(), std::string("no such host:1"), std::string("https://a:1"), std::string(":"),
        std::string("localhost:99999"), std::string("a.invalid:80")}) {
    bench.forward(address);
  }
  for (const Answer& answer : bench.answers(6)) {
    EXPECT_EQ(answer.outcome, Outcome::NotLeading) << answer.reason;
    EXPECT_NE(answer.reason.find("nothing was decided"), std::string::npos) << answer.reason;
  }
  EXPECT_EQ(bench.stats().failed, 6U);
  EXPECT_EQ(bench.stats().queued, 0U);
}

TEST(PeerForwarder, WhatWasSentIsUnknownAndWhatStillWaitedWasNotDecided) {
  DeafServer deaf;
  Bench bench({.request_timeout_ms = 300});
  bench.forward(deaf.address());
  bench.wait_for_request();
  for (int i = 0; i < 5; ++i) bench.forward(deaf.address());
  const auto answers = bench.answers(6);
  EXPECT_EQ(answers[0].outcome, Outcome::Unknown);
  for (std::size_t i = 1; i < 6; ++i) EXPECT_EQ(answers[i].outcome, Outcome::NotLeading);
  EXPECT_EQ(bench.stats().requests, 1U);
  EXPECT_EQ(bench.stats().unknown, 1U);
  EXPECT_EQ(bench.stats().failed, 5U);
}

TEST(PeerForwarder, AConnectionThatEndsWithoutAnAnswerIsUnknown) {
  DeafServer server;
  Bench bench;
  bench.forward(server.address());
  const int connection = server.accept_one();
  char bytes[65'536];
  EXPECT_GT(::read(connection, bytes, sizeof bytes), 0);
  ::close(connection);
  EXPECT_EQ(bench.answers(1)[0].outcome, Outcome::Unknown);
}

TEST(PeerForwarder, AFullQueueAnswersAtOnce) {
  DeafServer deaf;
  Bench bench({.queue_commands_max = 3, .queue_bytes_max = 1'000});
  bench.forward(deaf.address());
  bench.wait_for_request();
  for (int i = 0; i < 3; ++i) bench.forward(deaf.address());
  EXPECT_EQ(bench.with(Outcome::Unavailable), 0U);
  bench.forward(deaf.address());
  EXPECT_EQ(bench.with(Outcome::Unavailable), 1U);
  EXPECT_EQ(bench.stats().overflowed, 1U);
  EXPECT_EQ(bench.stats().queued, 4U);

  DeafServer other;
  bench.forward(other.address(), 900);
  wait_until([&] { return bench.stats().requests == 2; });
  bench.forward(other.address(), 900);
  bench.forward(other.address(), 900);
  EXPECT_EQ(bench.with(Outcome::Unavailable), 2U) << "by bytes";
}

TEST(PeerForwarder, WhatHasWaitedTooLongIsNotSentAnyMore) {
  std::vector<Responder> held;
  std::size_t commands = 0;
  TestServer leader([&](Router& router, EventLoop&) {
    router.add(Method::Post, peer_path, [&](const Request& request, const Responder& responder) {
      commands += read_peer_request(request.body)->commands.size();
      held.push_back(responder);
    });
  });
  Bench bench({.queue_wait_ms_max = 50});
  const std::string address = leader.url().substr(std::string_view("http://").size());
  bench.forward(address);
  bench.wait_for_request();
  for (int i = 0; i < 3; ++i) bench.forward(address);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  wait_until([&] { return leader.stats().requests == 1; });
  leader.run([&](const std::function<void()>& done) {
    held.at(0).send({500, "text/plain", "", {}});
    held.clear();
    done();
  });
  bench.answers(4);
  EXPECT_EQ(bench.with(Outcome::Unknown), 1U);
  EXPECT_EQ(bench.with(Outcome::Unavailable), 3U);
  EXPECT_EQ(commands, 1U);
}

TEST(PeerForwarder, ACommandThatNoNodeWouldTakeIsRefused) {
  Bench bench;
  bench.forward(closed_port(), peer_command_bytes_max + 1);
  const Answer answer = bench.answers(1)[0];
  EXPECT_EQ(answer.outcome, Outcome::Rejected);
  EXPECT_EQ(answer.rejection->code, engine::RejectionCode::LimitExceeded);
}

TEST(PeerForwarder, ALinkThatIsNotNeededMakesRoomForAnother) {
  DeafServer deaf;
  Bench bench({.peers_max = 2, .request_timeout_ms = 60'000});
  bench.forward(deaf.address());
  bench.wait_for_request();
  for (int i = 0; i < 5; ++i) {
    bench.forward(closed_port());
    bench.answers(static_cast<std::size_t>(i) + 1);
    EXPECT_EQ(bench.stats().peers, 2U);
    // The answer comes a moment before the link is at rest.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(bench.with(Outcome::NotLeading), 5U);
  DeafServer busy;
  bench.forward(busy.address());
  wait_until([&] { return bench.stats().queued == 2; });
  bench.forward(closed_port());
  EXPECT_EQ(bench.with(Outcome::Unavailable), 1U);
}

TEST(PeerForwarder, StoppingAnswersEverythingSoon) {
  DeafServer deaf;
  Bench bench({.request_timeout_ms = 60'000});
  bench.forward(deaf.address());
  bench.wait_for_request();
  for (int i = 0; i < 3; ++i) bench.forward(deaf.address());
  const auto before = std::chrono::steady_clock::now();
  bench.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(bench.with(Outcome::Stopping), 3U);
  EXPECT_EQ(bench.with(Outcome::Unknown), 1U);
  bench.forward(deaf.address());
  EXPECT_EQ(bench.with(Outcome::Stopping), 4U);
  EXPECT_EQ(bench.stats().queued, 0U);
}

TEST(PeerForwarder, ManyLargeCommandsTakeSeveralRequests) {
  std::size_t commands = 0;
  std::size_t requests = 0;
  TestServer leader([&](Router& router, EventLoop&) {
    router.add(Method::Post, peer_path, [&](const Request& request, const Responder& responder) {
      const auto read = read_peer_request(request.body);
      ASSERT_TRUE(read.ok()) << read.error().message;
      ++requests;
      commands += read->commands.size();
      flatbuffers::FlatBufferBuilder built;
      Answer busy;
      busy.outcome = Outcome::Unavailable;
      write_peer_response(built, std::vector<Answer>(read->commands.size(), busy));
      responder.send({200,
                      peer_media_type,
                      {reinterpret_cast<const char*>(built.GetBufferPointer()), built.GetSize()},
                      {}});
    });
  });
  Bench bench;
  const std::string address = leader.url().substr(std::string_view("http://").size());
  for (int i = 0; i < 7; ++i) bench.forward(address, peer_command_bytes_max);
  for (const Answer& answer : bench.answers(7)) EXPECT_EQ(answer.outcome, Outcome::Unavailable);
  EXPECT_EQ(bench.stats().forwarded, 7U);
  EXPECT_EQ(commands, 7U);
  EXPECT_GE(requests, 7U);
}

}  // namespace
}  // namespace orderlog::http
