// A value, or the rejection that a decider passes on to its caller. Money and price rules answer
// with it, because a bad amount in a command is domain data and not a failure of the machine.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "engine/decision.h"
#include "events/base/ensure.h"
#include "events/base/result.h"

namespace orderlog::engine {

template <class T>
class [[nodiscard]] Checked {
 public:
  Checked(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Checked(Rejection rejection) : state_(std::in_place_index<1>, std::move(rejection)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& value() {
    ORDERLOG_ENSURE(ok(), "value of a rejected calculation");
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    ORDERLOG_ENSURE(ok(), "value of a rejected calculation");
    return *std::get_if<0>(&state_);
  }
  const Rejection& rejection() const {
    ORDERLOG_ENSURE(!ok(), "rejection of a calculation that succeeded");
    return *std::get_if<1>(&state_);
  }
  // The rejection as a decision; `prefix` is put before its JSON pointer, such as "/lines/3".
  Rejected rejected(const std::string& prefix = {}) const {
    Rejection copy = rejection();
    copy.pointer = prefix + copy.pointer;
    return Rejected{std::move(copy)};
  }

 private:
  std::variant<T, Rejection> state_;
};

// What an arithmetic error means to the sender of a command.
inline Rejection rejection_of(const Error& error, std::string pointer = {}) {
  const auto code =
      error.code == ErrorCode::Overflow ? RejectionCode::Overflow : RejectionCode::InvalidArgument;
  return Rejection{code, std::move(pointer), error.message};
}

}  // namespace orderlog::engine
