// Beast's parser does the grammar; what follows it here are the limits and the stricter framing.
#include "connectors/http/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <string>
#include <vector>

#include "events/base/ensure.h"

namespace orderlog::http {

namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

Method method_of(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get:
      return Method::Get;
    case beast_http::verb::head:
      return Method::Head;
    case beast_http::verb::post:
      return Method::Post;
    case beast_http::verb::put:
      return Method::Put;
    case beast_http::verb::patch:
      return Method::Patch;
    case beast_http::verb::delete_:
      return Method::Delete;
    case beast_http::verb::options:
      return Method::Options;
    default:
      return Method::Other;
  }
}

// A piece of the text that holds the header; becomes a view when the text no longer moves.
struct Piece {
  std::size_t at = 0;
  std::size_t size = 0;
};

// What is kept of one request, whatever the parser's buffers do.
struct Stored {
  Method method = Method::Other;
  std::string text;
  std::string body;
  Piece target;
  std::vector<std::pair<Piece, Piece>> pieces;
  std::vector<HeaderField> fields;
  int version = 11;
  std::size_t hosts = 0;
  bool expects_continue = false;
  std::size_t body_bytes_max = 0;
  bool header_done = false;
  std::optional<ProblemType> problem;
  std::string_view problem_detail;

  Piece keep(std::string_view piece) {
    const Piece at{text.size(), piece.size()};
    text += piece;
    return at;
  }
  std::string_view view_of(Piece piece) const {
    return std::string_view(text).substr(piece.at, piece.size);
  }
  void clear() {
    text.clear();
    body.clear();
    pieces.clear();
    hosts = 0;
    expects_continue = header_done = false;
    body_bytes_max = 0;
    problem.reset();
  }
};

class Parser final : public beast_http::basic_parser<true> {
 public:
  Parser(const HttpLimits& limits, Stored& stored) : limits_(limits), stored_(stored) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(
        std::max({limits.body_bytes_max, limits.batch_body_bytes_max, peer_request_bytes_max}));
  }

 private:
  void fail(error_code& ec, ProblemType type, std::string_view detail) {
    stored_.problem = type;
    stored_.problem_detail = detail;
    ec = beast_http::error::bad_field;
  }

  void on_request_impl(beast_http::verb verb, string_view, string_view target, int version,
                       error_code& ec) override {
    stored_.method = method_of(verb);
    stored_.version = version;
    if (target.size() > limits_.target_bytes_max) {
      return fail(ec, ProblemType::TargetTooLong, "the request target is too long");
    }
    stored_.target = stored_.keep(view(target));
  }

  void on_response_impl(int, string_view, int, error_code&) override {}

  void on_field_impl(beast_http::field field, string_view name, string_view value,
                     error_code& ec) override {
    if (stored_.header_done) return;  // trailers carry nothing for us
    if (stored_.pieces.size() == limits_.header_fields_max ||
        stored_.text.size() + name.size() + value.size() > limits_.header_bytes_max) {
      return fail(ec, ProblemType::HeaderTooLarge, "too many header fields");
    }
    const Piece kept_name = stored_.keep(view(name));
    stored_.pieces.emplace_back(kept_name, stored_.keep(view(value)));
    switch (field) {
      case beast_http::field::transfer_encoding:
        if (!equal_ignoring_case(view(value), "chunked")) {
          return fail(ec, ProblemType::NotImplemented, "the only transfer coding is chunked");
        }
        if (stored_.version < 11) {
          return fail(ec, ProblemType::MalformedRequest, "HTTP/1.0 has no transfer codings");
        }
        break;
      case beast_http::field::host:
        ++stored_.hosts;
        break;
      case beast_http::field::expect:
        if (!equal_ignoring_case(view(value), "100-continue")) {
          return fail(ec, ProblemType::InvalidHeader, "the only expectation is 100-continue");
        }
        stored_.expects_continue = stored_.version >= 11;
        break;
      case beast_http::field::content_type:
        stored_.body_bytes_max = limit_of(view(value));
        break;
      default:
        break;
    }
  }

  void on_header_impl(error_code& ec) override {
    stored_.header_done = true;
    if (stored_.version >= 11 ? stored_.hosts != 1 : stored_.hosts > 1) {
      fail(ec, ProblemType::MalformedRequest, "there must be one Host field");
    }
  }

  // By the type, so that a body is refused before it comes. 0: not said, like any other.
  std::size_t limit_of(std::string_view media_type) const {
    const auto is = [&](std::string_view wanted) {
      return equal_ignoring_case(media_type.substr(0, wanted.size()), wanted);
    };
    if (is("application/x-ndjson")) return limits_.batch_body_bytes_max;
    return is(peer_media_type) ? peer_request_bytes_max : limits_.body_bytes_max;
  }
  std::size_t body_max() const {
    return stored_.body_bytes_max == 0 ? limits_.body_bytes_max : stored_.body_bytes_max;
  }

  void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& ec) override {
    if (length && *length > body_max()) ec = beast_http::error::body_limit;
  }

  std::size_t on_body_impl(string_view piece, error_code& ec) override {
    if (stored_.body.size() + piece.size() > body_max()) {
      ec = beast_http::error::body_limit;
      return 0;
    }
    stored_.body.append(piece.data(), piece.size());
    return piece.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code& ec) override {
    return on_body_impl(piece, ec);
  }
  void on_finish_impl(error_code&) override {}

  const HttpLimits& limits_;
  Stored& stored_;
};

// "GET / HTTP/2.0" is another version; anything else in that place is noise.
bool names_another_version(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find_first_of("\r\n"));
  const std::size_t at = line.rfind(" HTTP/");
  if (at == line.npos) return false;
  const std::string_view version = line.substr(at + 6);
  return !version.empty() && version[0] >= '0' && version[0] <= '9' && version != "1.0" &&
         version != "1.1";
}

}  // namespace

struct RequestReader::Impl {
  explicit Impl(const HttpLimits& all_limits) : limits(all_limits) {
    parser.emplace(limits, stored);
  }

  ReadState fail(const error_code& ec, std::string_view bytes);
  ReadState complete();

  const HttpLimits& limits;
  Stored stored;
  std::optional<Parser> parser;
  Request request;
  bool started = false;
  bool told_header = false;
};

ReadState RequestReader::Impl::fail(const error_code& ec, std::string_view bytes) {
  if (stored.problem) return ReadState::Failed;
  if (ec == beast_http::error::header_limit) {
    stored.problem = ProblemType::HeaderTooLarge;
    stored.problem_detail = "the request line and fields are too large";
  } else if (ec == beast_http::error::body_limit) {
    stored.problem = ProblemType::BodyTooLarge;
    stored.problem_detail = "the body is larger than this server takes";
  } else if (ec == beast_http::error::bad_version && names_another_version(bytes)) {
    stored.problem = ProblemType::VersionNotSupported;
    stored.problem_detail = "only HTTP/1.0 and HTTP/1.1 are understood";
  } else {
    stored.problem = ProblemType::MalformedRequest;
    stored.problem_detail = "the request breaks the grammar of HTTP/1.1";
  }
  return ReadState::Failed;
}

ReadState RequestReader::Impl::complete() {
  stored.fields.clear();
  for (const auto& [name, value] : stored.pieces) {
    stored.fields.push_back({stored.view_of(name), stored.view_of(value)});
  }
  request = Request{};
  request.method = stored.method;
  request.target = stored.view_of(stored.target);
  if (const std::size_t scheme = request.target.find("://");
      !request.target.starts_with('/') && scheme != request.target.npos) {
    const std::size_t path = request.target.find('/', scheme + 3);
    request.target = path == request.target.npos ? "/" : request.target.substr(path);
  }
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  request.path = request.target.substr(0, question);
  request.query = request.target.substr(std::min(question + 1, request.target.size()));
  request.fields = stored.fields;
  request.body = stored.body;
  return ReadState::Complete;
}

RequestReader::RequestReader(const HttpLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

RequestReader::Progress RequestReader::read(std::string_view bytes) {
  Impl& impl = *impl_;
  Progress progress;
  if (impl.stored.problem) return {0, ReadState::Failed};
  if (bytes.empty()) return progress;
  impl.started = true;
  error_code ec;
  progress.consumed = impl.parser->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  if (ec && ec != beast_http::error::need_more) {
    progress.state = impl.fail(ec, bytes);
  } else if (impl.parser->is_done()) {
    progress.state = impl.complete();
  } else if (impl.stored.header_done && !impl.told_header) {
    impl.told_header = true;
    progress.state = ReadState::HeaderDone;
  }
  return progress;
}

Request& RequestReader::request() { return impl_->request; }
bool RequestReader::keep_alive() const { return impl_->parser->keep_alive(); }
bool RequestReader::expects_continue() const { return impl_->stored.expects_continue; }
bool RequestReader::is_http_1_1() const { return impl_->stored.version >= 11; }

ProblemType RequestReader::problem() const {
  ORDERLOG_ENSURE(impl_->stored.problem.has_value(), "problem() of a reader that has none");
  return *impl_->stored.problem;
}
std::string_view RequestReader::problem_detail() const { return impl_->stored.problem_detail; }

bool RequestReader::started() const { return impl_->started; }
std::size_t RequestReader::body_bytes() const { return impl_->stored.body.size(); }

void RequestReader::next() {
  Impl& impl = *impl_;
  impl.stored.clear();
  if (impl.stored.body.capacity() > impl.limits.body_bytes_kept) {
    std::string().swap(impl.stored.body);
  }
  impl.parser.emplace(impl.limits, impl.stored);
  impl.started = impl.told_header = false;
}

}  // namespace orderlog::http
