// Bytes → requests: every way of cutting them gives the same, and what two servers could read
// differently is refused.
#include "connectors/http/request_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace orderlog::http {
namespace {

struct Read {
  std::vector<std::string> requests;  // "POST /path?query [body]"
  std::optional<ProblemType> problem;
};

// Feeds the bytes in pieces of the sizes given (the last one repeats), as a connection would.
Read read_all(std::string_view bytes, const std::vector<std::size_t>& sizes,
              const HttpLimits& limits = {}) {
  Read result;
  RequestReader reader(limits);
  std::string buffer;
  std::size_t piece = 0;
  while (!bytes.empty() || !buffer.empty()) {
    if (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), sizes[std::min(piece++, sizes.size() - 1)]);
      buffer += bytes.substr(0, size);
      bytes.remove_prefix(size);
    }
    while (true) {
      const auto progress = reader.read(buffer);
      buffer.erase(0, progress.consumed);
      if (progress.state == ReadState::Failed) {
        result.problem = reader.problem();
        return result;
      }
      if (progress.state == ReadState::Complete) {
        const Request& request = reader.request();
        result.requests.push_back(std::string(to_string(request.method)) + " " +
                                  std::string(request.target) + " [" + std::string(request.body) +
                                  "]");
        reader.next();
      } else if (progress.consumed == 0) {
        break;
      }
    }
    if (bytes.empty()) break;
  }
  return result;
}

const std::string three_requests =
    "GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Long: one two three\r\n\r\n"
    "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: t\r\n\r\n";
const std::vector<std::string> three_read = {"GET /a?b=c []", "POST /p [hello]", "POST /c [abcde]"};

TEST(RequestReader, ReadsWhatIsInOnePiece) {
  EXPECT_EQ(read_all(three_requests, {100'000}).requests, three_read);
}

TEST(RequestReader, ReadsWhatComesByteByByte) {
  EXPECT_EQ(read_all(three_requests, {1}).requests, three_read);
}

RC_GTEST_PROP(RequestReader, ReadsTheSameHoweverItIsCut, ()) {
  auto sizes = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 60)));
  const Read read = read_all(three_requests, sizes);
  RC_ASSERT(read.requests == three_read);
  RC_ASSERT(!read.problem.has_value());
}

RC_GTEST_PROP(RequestReader, SurvivesAlteredBytes, ()) {
  std::string bytes = three_requests;
  const auto changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  const auto size = *rc::gen::inRange<std::size_t>(1, 300);
  const Read read = read_all(bytes, {size});
  RC_ASSERT(read.requests.size() <= 4);
}

struct Bad {
  const char* bytes;
  ProblemType problem;
};

class Refuses : public testing::TestWithParam<Bad> {};

TEST_P(Refuses, InOnePieceAndByteByByte) {
  for (const std::size_t size : {std::size_t{100'000}, std::size_t{1}}) {
    const Read read = read_all(GetParam().bytes, {size});
    ASSERT_TRUE(read.problem.has_value()) << GetParam().bytes;
    EXPECT_EQ(info_of(*read.problem).code, info_of(GetParam().problem).code) << GetParam().bytes;
    EXPECT_TRUE(read.requests.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Framing, Refuses,
    testing::Values(
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: "
            "chunked\r\n\r\n0\r\n\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
            "5\r\n\r\n0\r\n\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
            ProblemType::BodyTooLarge},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            ProblemType::NotImplemented},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            ProblemType::NotImplemented},
        Bad{"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
            "chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\n",
            ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
            ProblemType::BodyTooLarge},
        Bad{"GET / HTTP/1.1\r\nHost : x\r\n\r\n", ProblemType::MalformedRequest},
        Bad{"GET / HTTP/1.1\r\n\r\n", ProblemType::MalformedRequest},
        Bad{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", ProblemType::MalformedRequest},
        Bad{"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", ProblemType::MalformedRequest},
        Bad{"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", ProblemType::MalformedRequest},
        Bad{"GET / HTTP/2.0\r\nHost: x\r\n\r\n", ProblemType::VersionNotSupported},
        Bad{"\x16\x03\x01\x02", ProblemType::MalformedRequest},
        Bad{"POST / HTTP/1.1\r\nHost: x\r\nExpect: a-pony\r\n\r\n", ProblemType::InvalidHeader}));

TEST(RequestReader, LinesEndWithCarriageReturnAndLineFeed) {
  EXPECT_EQ(*read_all("GET / HTTP/1.1\nHost: x\n\n", {100'000}).problem,
            ProblemType::MalformedRequest);
}

TEST(RequestReader, BoundsTheHeader) {
  HttpLimits limits;
  limits.header_bytes_max = 1'000;
  const std::string line = "X-A: " + std::string(100, 'x') + "\r\n";
  std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 12; ++i) bytes += line;
  for (const std::size_t size : {std::size_t{100'000}, std::size_t{1}, line.size()}) {
    const Read read = read_all(bytes + "\r\n", {25 + size, size}, limits);
    ASSERT_TRUE(read.problem.has_value()) << size;
    EXPECT_EQ(*read.problem, ProblemType::HeaderTooLarge);
  }
}

TEST(RequestReader, BoundsTheNumberOfFields) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 100; ++i) bytes += "A: b\r\n";
  EXPECT_EQ(*read_all(bytes + "\r\n", {100'000}).problem, ProblemType::HeaderTooLarge);
}

TEST(RequestReader, BoundsTheTarget) {
  const std::string bytes = "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(*read_all(bytes, {100'000}).problem, ProblemType::TargetTooLong);
}

TEST(RequestReader, BatchesMayBeLarger) {
  HttpLimits limits;
  limits.body_bytes_max = 10;
  limits.batch_body_bytes_max = 20;
  const auto request = [](const char* type, int bytes) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
           std::string(static_cast<std::size_t>(bytes), 'b');
  };
  EXPECT_EQ(read_all(request("application/json", 10), {7}, limits).requests.size(), 1U);
  EXPECT_EQ(*read_all(request("application/json", 11), {7}, limits).problem,
            ProblemType::BodyTooLarge);
  EXPECT_EQ(read_all(request("application/x-ndjson", 20), {7}, limits).requests.size(), 1U);
  EXPECT_EQ(*read_all(request("application/x-ndjson", 21), {7}, limits).problem,
            ProblemType::BodyTooLarge);
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n6\r\nabcdef\r\n5\r\nabcde\r\n0\r\n\r\n";
  EXPECT_EQ(*read_all(chunked, {7}, limits).problem, ProblemType::BodyTooLarge);
}

TEST(RequestReader, AbsoluteTargetsAreTakenByTheirPath) {
  EXPECT_EQ(read_all("GET http://h:1/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n", {9}).requests[0],
            "GET /p?q=1 []");
}

}  // namespace
}  // namespace orderlog::http
