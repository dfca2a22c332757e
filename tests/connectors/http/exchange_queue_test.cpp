// Answers leave in the order of the requests, whatever the order they are given in.
#include "connectors/http/exchange_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace orderlog::http {
namespace {

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

// The bodies in a text of answers with a body of one letter each.
std::string bodies_in(std::string_view text) {
  std::string bodies;
  for (std::size_t at = text.find("\r\n\r\n"); at != text.npos;
       at = text.find("\r\n\r\n", at + 5)) {
    bodies += text[at + 4];
  }
  return bodies;
}

RC_GTEST_PROP(ExchangeQueue, KeepsTheOrderOfRequests, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 26);
  ExchangeQueue queue(32);
  std::vector<std::uint64_t> exchanges;
  std::string expected;
  for (std::size_t i = 0; i < count; ++i) {
    exchanges.push_back(queue.open({}));
    expected += static_cast<char>('a' + i);
  }
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  std::string written;
  for (const std::size_t i : order) {
    RC_ASSERT(queue.reply(exchanges[i], Reply{200, "text/plain", expected.substr(i, 1), {}}, date));
    written += queue.out();
    queue.out().clear();
  }
  RC_ASSERT(bodies_in(written) == expected);
  RC_ASSERT(queue.empty());
}

TEST(ExchangeQueue, WritesAWholeAnswer) {
  ExchangeQueue queue(1);
  queue.reply(queue.open({}), Reply{404, "text/plain", "no", "Allow: GET\r\n"}, date);
  EXPECT_EQ(queue.out(),
            "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain\r\nAllow: GET\r\nContent-Length: 2\r\n\r\nno");
}

TEST(ExchangeQueue, TakesOneAnswerOnly) {
  ExchangeQueue queue(4);
  const auto first = queue.open({});
  const auto second = queue.open({});
  EXPECT_TRUE(queue.reply(second, Reply{200, "text/plain", "b", {}}, date));
  EXPECT_FALSE(queue.reply(second, Reply{200, "text/plain", "c", {}}, date));
  EXPECT_TRUE(queue.reply(first, Reply{200, "text/plain", "a", {}}, date));
  EXPECT_FALSE(queue.reply(first, Reply{200, "text/plain", "d", {}}, date));
  EXPECT_EQ(bodies_in(queue.out()), "ab");
}

TEST(ExchangeQueue, NothingFollowsTheLastAnswer) {
  ExchangeQueue queue(4);
  const auto first = queue.open({});
  const auto last = queue.open({.keep_alive = false});
  EXPECT_TRUE(queue.ending());
  queue.reply(last, Reply{200, "text/plain", "b", {}}, date);
  EXPECT_FALSE(queue.ended());
  queue.reply(first, Reply{200, "text/plain", "a", {}}, date);
  EXPECT_TRUE(queue.ended());
  EXPECT_NE(queue.out().find("Connection: close"), std::string::npos);
}

TEST(ExchangeQueue, HeadHasTheLengthButNoBody) {
  ExchangeQueue queue(1);
  queue.reply(queue.open({.head_only = true}), Reply{200, "text/plain", "abc", {}}, date);
  EXPECT_NE(queue.out().find("Content-Length: 3\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(queue.out().ends_with("\r\n\r\n"));
}

TEST(ExchangeQueue, AStreamBehindAnAnswerWaitsForIt) {
  ExchangeQueue queue(4);
  const auto first = queue.open({});
  const auto stream = queue.open({});
  ASSERT_TRUE(queue.open_stream(stream, Reply{200, "text/event-stream", {}, {}}, date));
  ASSERT_TRUE(queue.stream(stream, "0123456789abcdefg"));
  EXPECT_TRUE(queue.out().empty());
  queue.reply(first, Reply{200, "text/plain", "a", {}}, date);
  EXPECT_TRUE(
      queue.out().ends_with("Transfer-Encoding: chunked\r\n\r\n11\r\n0123456789abcdefg\r\n"));
  queue.end_stream(stream);
  EXPECT_TRUE(queue.out().ends_with("\r\n0\r\n\r\n"));
  EXPECT_TRUE(queue.ended());
}

}  // namespace
}  // namespace orderlog::http
