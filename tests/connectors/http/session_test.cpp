// Connections over real sockets: pipelining, ends of all kinds, and clients that mean no good.
#include <atomic>
#include <map>

#include "connectors/client/pipelined_client.h"
#include "connectors/http/problem.h"
#include "tests/connectors/http/test_server.h"

namespace orderlog::http {
namespace {

// Answers kept back until the test asks for them.
struct Held {
  std::map<std::string, Responder> responders;
  std::promise<void> complete;
  std::size_t expected = 0;
};

void echo_routes(Router& router, EventLoop& loop) {
  router.add(Method::Get, "/text/{name}", [](const Request& request, Responder responder) {
    responder.send(Reply{200, "text/plain", request.params[0], {}});
  });
  router.add(Method::Post, "/echo", [](const Request& request, Responder responder) {
    responder.send(Reply{200, "text/plain", request.body, {}});
  });
  router.add(Method::Post, "/later", [&loop](const Request& request, Responder responder) {
    loop.post([responder, body = std::string(request.body)] {
      responder.send(Reply{200, "text/plain", body, {}});
    });
  });
  router.add(Method::Get, "/bytes/{count}", [](const Request& request, Responder responder) {
    const std::string body(std::stoul(std::string(request.params[0])), 'x');
    responder.send(Reply{200, "text/plain", body, {}});
  });
}

TEST(Session, AnswersOneAfterTheOther) {
  TestServer server(echo_routes);
  auto client = server.client();
  for (int i = 0; i < 10; ++i) {
    auto response = client.get("/text/" + std::to_string(i));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, std::to_string(i));
  }
  EXPECT_EQ(server.stats().connections_accepted, 1U);
}

TEST(Session, KeepsTheOrderOfPipelinedRequests) {
  auto held = std::make_shared<Held>();
  held->expected = 3;
  TestServer server([held](Router& router, EventLoop&) {
    router.add(Method::Get, "/{name}", [held](const Request& request, Responder responder) {
      held->responders.emplace(request.params[0], responder);
      if (held->responders.size() == held->expected) held->complete.set_value();
    });
  });
  RawClient client(server.url());
  client.send(get("/a") + get("/b") + get("/c"));
  held->complete.get_future().wait();
  server.run([held](const std::function<void()>& done) {
    for (const char* name : {"c", "a", "b"}) {
      held->responders[name].send(Reply{200, "text/plain", name, {}});
    }
    held->responders.clear();
    done();
  });
  EXPECT_EQ(client.receive().body, "a");
  EXPECT_EQ(client.receive().body, "b");
  EXPECT_EQ(client.receive().body, "c");
}

TEST(Session, ManyPipelinedRequestsOverSeveralConnections) {
  HttpLimits limits;
  limits.requests_pipelined_max = 8;  // less than the client has under way
  TestServer server(echo_routes, limits);
  auto client = *client::PipelinedClient::open(server.url(), {3, 64, {}});
  std::size_t answered = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string body =
        "body " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 500), '.');
    const Status sent = client->send({"POST", i % 2 ? "/later" : "/echo", body, "text/plain", {}},
                                     [&answered, body](const Result<client::Response>& response) {
                                       ASSERT_TRUE(response.ok()) << response.error().message;
                                       EXPECT_EQ(response->body, body);
                                       ++answered;
                                     });
    ASSERT_TRUE(sent.ok());
  }
  client->drain();
  EXPECT_EQ(answered, 5'000U);
}

TEST(Session, AHalfClosedClientGetsItsAnswers) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send(get("/text/one") + post("/later", "two"));
  client.finish_sending();
  EXPECT_EQ(client.receive().body, "one");
  EXPECT_EQ(client.receive().body, "two");
  EXPECT_TRUE(client.ends());
}

TEST(Session, AHalfClosedClientWithHalfARequestIsLetGo) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  client.finish_sending();
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(server.stats().requests, 0U);
}

TEST(Session, ConnectionCloseIsHonoured) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send(get("/text/a", "Connection: close\r\n") + get("/text/b"));
  const auto response = client.receive();
  EXPECT_EQ(response.body, "a");
  EXPECT_EQ(response.header("connection"), "close");
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(server.stats().requests, 1U);
}

TEST(Session, SpeaksHttp10) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send("GET /text/a HTTP/1.0\r\n\r\n");
  std::string all;
  EXPECT_TRUE(client.ends(&all));
  EXPECT_TRUE(all.ends_with("\r\n\r\na"));
}

TEST(Session, SaysContinueToThoseWhoWait) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  std::string interim;
  // The reader skips interim answers, so only the body's arrival proves that one was sent.
  client.send("body");
  EXPECT_EQ(client.receive().body, "body");
}

TEST(Session, ABadRequestIsAnsweredBehindTheGoodOnes) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send(post("/later", "good") + "BAD REQUEST\r\n\r\n" + get("/text/never"));
  EXPECT_EQ(client.receive().body, "good");
  const auto bad = client.receive();
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.header("content-type"), "application/problem+json");
  EXPECT_NE(bad.body.find("urn:orderlog:problem:malformed-request"), std::string::npos);
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(server.stats().requests, 1U);
  EXPECT_EQ(server.stats().bad_requests, 1U);
}

TEST(Session, ALargeBodyIsRefusedBeforeItIsSent) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  client.try_send(std::string(100'000, 'x'));
  EXPECT_TRUE(client.ends());
}

TEST(Session, LargeBodiesHaveACommonBound) {
  HttpLimits limits;
  limits.body_bytes_max = 1'000'000;
  limits.large_bodies_bytes_max = 300'000;
  TestServer server(echo_routes, limits);
  RawClient first(server.url());
  first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 250000\r\n\r\n" +
             std::string(200'000, 'x'));
  // Until the server has read it: then the second one can't be taken as well.
  while (server.stats().bytes_in < 200'000) std::this_thread::yield();
  RawClient second(server.url());
  second.try_send(post("/echo", std::string(200'000, 'y')));
  EXPECT_EQ(second.receive().status, 503);
  first.send(std::string(50'000, 'x'));
  EXPECT_EQ(first.receive().body.size(), 250'000U);
  RawClient third(server.url());
  third.send(post("/echo", std::string(200'000, 'z')));
  EXPECT_EQ(third.receive().body.size(), 200'000U);
}

TEST(Session, OneConnectionTooManyIsToldSo) {
  HttpLimits limits;
  limits.connections_max = 2;
  TestServer server(echo_routes, limits);
  auto one = server.client();
  auto two = server.client();
  EXPECT_EQ(one.get("/text/a")->status, 200);
  EXPECT_EQ(two.get("/text/a")->status, 200);
  RawClient three(server.url());
  const auto refused = three.receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("overloaded"), std::string::npos);
  EXPECT_TRUE(three.ends());
  EXPECT_EQ(server.stats().connections_refused, 1U);
}

TEST(Session, ASlowRequestTimesOut) {
  HttpLimits limits;
  limits.request_seconds_max = 1;
  TestServer server(echo_routes, limits);
  RawClient client(server.url());
  client.send("GET /text/a HTTP/1.1\r\nHo");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.ends());
}

TEST(Session, AnIdleConnectionIsClosed) {
  HttpLimits limits;
  limits.idle_seconds_max = 1;
  TestServer server(echo_routes, limits);
  RawClient client(server.url());
  client.send(get("/text/a"));
  EXPECT_EQ(client.receive().body, "a");
  EXPECT_TRUE(client.ends());
}

TEST(Session, AClientThatDoesNotReadIsPausedThenDropped) {
  HttpLimits limits;
  limits.write_stall_seconds_max = 1;
  limits.output_bytes_paused = 100'000;
  TestServer server(echo_routes, limits);
  RawClient client(server.url());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += get("/bytes/1000000");
  client.send(requests);
  while (server.stats().connections == 0) std::this_thread::yield();
  while (server.stats().connections > 0) std::this_thread::yield();
  EXPECT_LT(server.stats().requests, 50U);
}

TEST(Session, AClientThatReadsLateGetsAll) {
  TestServer server(echo_routes);
  RawClient client(server.url());
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += get("/bytes/500000");
  client.send(requests);
  for (int i = 0; i < 40; ++i) ASSERT_EQ(client.receive().body.size(), 500'000U);
}

TEST(Session, AClientThatLeavesWhileItsAnswerIsMadeDoesNoHarm) {
  auto held = std::make_shared<Held>();
  held->expected = 1;
  TestServer server([held](Router& router, EventLoop&) {
    router.add(Method::Get, "/{name}", [held](const Request& request, Responder responder) {
      if (request.params[0] == "now") return responder.send(Reply{200, "text/plain", "now", {}});
      held->responders.emplace(request.params[0], responder);
      held->complete.set_value();
    });
  });
  {
    RawClient client(server.url());
    client.send(get("/later"));
    held->complete.get_future().wait();
  }
  while (server.stats().connections > 0) {
    server.run([&](const std::function<void()>& done) {
      for (auto& [name, responder] : held->responders) {
        responder.send(Reply{200, "text/plain", std::string(1'000'000, 'x'), {}});
      }
      done();
    });
  }
  held->responders.clear();
  EXPECT_EQ(server.client().get("/now")->body, "now");
}

TEST(Session, StopLetsAnswersUnderWayGoOut) {
  auto held = std::make_shared<Held>();
  held->expected = 1;
  auto server = std::make_unique<TestServer>([held](Router& router, EventLoop& loop) {
    router.add(Method::Get, "/{name}", [held, &loop](const Request& request, Responder responder) {
      loop.after(50, [responder] { responder.send(Reply{200, "text/plain", "late", {}}); });
      held->responders.emplace(request.params[0], responder);
      held->complete.set_value();
    });
  });
  RawClient client(server->url());
  client.send(get("/a"));
  held->complete.get_future().wait();
  held->responders.clear();
  server->stop();
  EXPECT_EQ(client.receive().body, "late");
  EXPECT_TRUE(client.ends());
}

// One a turn, the last of many would wait for as many turns, each of them long under load.
TEST(Session, ConnectionsThatWaitTogetherAreAcceptedTogether) {
  constexpr std::size_t connections = 32;
  TestServer server(echo_routes);
  std::promise<void> busy, go;
  server.loop().post([&] {
    busy.set_value();
    go.get_future().wait();
  });
  busy.get_future().wait();
  std::vector<RawClient> waiting;
  for (std::size_t i = 0; i < connections; ++i) waiting.emplace_back(server.url());
  std::promise<std::size_t> all;
  std::size_t turns = 0;
  std::function<void()> count = [&] {
    if (server.stats().connections_accepted == connections) return all.set_value(turns);
    ++turns;
    server.loop().post(count);
  };
  server.loop().post(count);
  go.set_value();
  EXPECT_LT(all.get_future().get(), connections / 2);
}

TEST(Session, UnknownPathsAndMethods) {
  TestServer server(echo_routes);
  auto client = server.client();
  auto missing = client.get("/nothing/here");
  EXPECT_EQ(missing->status, 404);
  EXPECT_NE(missing->body.find("\"instance\":\"/nothing/here\""), std::string::npos);
  auto wrong = client.get("/echo");
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->header("Allow"), "POST");
  auto head = client.request({"HEAD", "/text/abc", {}, {}, {}});
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("content-length"), "3");
  EXPECT_EQ(head->body, "");
  auto deleted = client.request({"DELETE", "/text/abc", {}, {}, {}});
  EXPECT_EQ(deleted->status, 405);
  EXPECT_EQ(deleted->header("Allow"), "GET, HEAD");
}

}  // namespace
}  // namespace orderlog::http
