// Beast's parser with a response's parts kept as plain strings.
#include "connectors/client/response_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

namespace orderlog::client {

namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

struct Stored {
  Response response;
  std::function<void(std::string_view)> piece;
  bool header_done = false;
};

class Parser final : public beast_http::basic_parser<false> {
 public:
  explicit Parser(Stored& stored) : stored_(stored) {
    eager(true);
    header_limit(response_header_bytes_max);
    if (stored.piece) {
      body_limit(boost::none);
    } else {
      body_limit(response_body_bytes_max);
    }
  }

 private:
  void on_request_impl(beast_http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override {
    stored_.response.status = code;
  }
  void on_field_impl(beast_http::field, string_view name, string_view value, error_code&) override {
    if (stored_.header_done) return;
    stored_.response.headers.emplace_back(name, value);
  }
  void on_header_impl(error_code&) override { stored_.header_done = true; }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view piece, error_code&) override {
    if (stored_.piece) {
      stored_.piece({piece.data(), piece.size()});
    } else {
      stored_.response.body.append(piece.data(), piece.size());
    }
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code& ec) override {
    return on_body_impl(piece, ec);
  }
  void on_finish_impl(error_code&) override {}

  Stored& stored_;
};

}  // namespace

struct ResponseReader::Impl {
  Impl() { parser.emplace(stored); }
  void reset() {
    stored.response = {};
    stored.header_done = started = no_body = false;
    parser.emplace(stored);
  }

  Stored stored;
  std::optional<Parser> parser;
  bool started = false;
  bool no_body = false;
};

ResponseReader::ResponseReader() : impl_(std::make_unique<Impl>()) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

void ResponseReader::stream_body(std::function<void(std::string_view)> piece) {
  impl_->stored.piece = std::move(piece);
  impl_->reset();
}

void ResponseReader::expect_no_body() {
  impl_->no_body = true;
  impl_->parser->skip(true);
}

Result<ResponseReader::State> ResponseReader::read(std::string_view bytes, std::size_t& consumed) {
  Impl& impl = *impl_;
  consumed = 0;
  while (consumed < bytes.size()) {
    impl.started = true;
    error_code ec;
    const std::string_view rest = bytes.substr(consumed);
    const std::size_t used =
        impl.parser->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    consumed += used;
    if (ec == beast_http::error::need_more) return State::NeedMore;
    if (ec == beast_http::error::body_limit || ec == beast_http::error::header_limit) {
      return error(ErrorCode::Overflow, "the response is too large");
    }
    if (ec) return error(ErrorCode::Corrupt, "not an HTTP response: " + ec.message());
    if (!impl.parser->is_done()) {
      if (used == 0) return State::NeedMore;
      continue;
    }
    if (impl.stored.response.status / 100 != 1) return State::Complete;
    const bool no_body = impl.no_body;
    impl.reset();
    if (no_body) expect_no_body();
  }
  return State::NeedMore;
}

Result<ResponseReader::State> ResponseReader::end() {
  error_code ec;
  if (impl_->started && impl_->stored.header_done) {
    impl_->parser->put_eof(ec);
    if (!ec && impl_->parser->is_done()) return State::Complete;
  }
  return error(ErrorCode::Io, "the server closed the connection");
}

bool ResponseReader::started() const { return impl_->started; }
bool ResponseReader::header_done() const { return impl_->stored.header_done; }
int ResponseReader::status() const { return impl_->stored.response.status; }
bool ResponseReader::keep_alive() const { return impl_->parser->keep_alive(); }

Response ResponseReader::take() {
  Response response = std::move(impl_->stored.response);
  impl_->reset();
  return response;
}

}  // namespace orderlog::client
