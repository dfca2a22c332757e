// The second kind of "no": the world failed us or the input was not usable. A Result<T> holds a
// value or an Error, never both, never neither; reading the side that is not there is a bug and
// aborts.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "events/base/ensure.h"

namespace orderlog {

enum class ErrorCode : std::uint8_t {
  InvalidArgument,  // the input can never be accepted as it is
  NotFound,
  Conflict,     // valid in itself, but not in the present state
  Corrupt,      // stored bytes do not say what they should
  Io,           // the disk or the network failed
  DiskFull,     // no space left
  Locked,       // another process owns it
  Fenced,       // a later owner has taken over: step down
  Unavailable,  // try again later
  Timeout,      // the outcome is unknown
  Overflow,     // a number left its range
  Unsupported,  // known, but not by this build or version
  Internal,
};

// "InvalidArgument" and so on; "Unknown" for a value outside the enum.
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

inline Error error(ErrorCode code, std::string message) { return Error{code, std::move(message)}; }

// "InvalidArgument: <message>", for logs and test output.
std::string to_string(const Error& error);

// Input quoted for an error message: cut after 60 bytes, control characters as "?".
std::string quote_input(std::string_view input);

template <class T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T> && !std::same_as<std::remove_cv_t<T>, Error>);

 public:
  using value_type = T;

  template <class U = T>
  requires(std::convertible_to<U&&, T> && !std::same_as<std::remove_cvref_t<U>, Result> &&
           !std::same_as<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& { return *checked(); }
  T& value() & { return *checked(); }
  T&& value() && { return std::move(*checked()); }

  const T& operator*() const& { return *checked(); }
  T& operator*() & { return *checked(); }
  T&& operator*() && { return std::move(*checked()); }
  const T* operator->() const { return checked(); }
  T* operator->() { return checked(); }

  template <class U>
  T value_or(U&& fallback) const& {
    return ok() ? *std::get_if<0>(&state_) : static_cast<T>(std::forward<U>(fallback));
  }

  const Error& error() const& {
    ORDERLOG_ENSURE(!ok(), "error() read from a Result that holds a value");
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    ORDERLOG_ENSURE(!ok(), "error() read from a Result that holds a value");
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  const T* checked() const {
    ORDERLOG_ENSURE(ok(), to_string(*std::get_if<1>(&state_)));
    return std::get_if<0>(&state_);
  }
  T* checked() {
    ORDERLOG_ENSURE(ok(), to_string(*std::get_if<1>(&state_)));
    return std::get_if<0>(&state_);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  void value() const { ORDERLOG_ENSURE(ok(), to_string(error_)); }

  const Error& error() const& {
    ORDERLOG_ENSURE(failed_, "error() read from a Status that is ok");
    return error_;
  }
  Error&& error() && {
    ORDERLOG_ENSURE(failed_, "error() read from a Status that is ok");
    return std::move(error_);
  }

 private:
  bool failed_ = false;
  Error error_;
};

using Status = Result<void>;

}  // namespace orderlog
