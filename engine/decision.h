// What a decider answers: the events that happen, or the reason why nothing does. Commands that
// need no event (a question answered to another aggregate) ride along as replies.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/outgoing.h"

namespace orderlog::engine {

// Stable codes: they are the last part of the problem type that a client sees.
enum class RejectionCode {
  InvalidTransition,
  NotFound,
  AlreadyExists,
  InvalidArgument,
  VersionConflict,
  Forbidden,
  InsufficientStock,
  CreditRefused,
  Duplicate,
  CurrencyMismatch,
  Overflow,
  LimitExceeded,
  Expired,
  EngineOnly,
};

struct Rejection {
  RejectionCode code;
  // JSON pointer to the offending field of the command; empty when it is the state that says no.
  std::string pointer;
  std::string detail;
};

// Room for the events of one command. A decision is either rejected or accepted (possibly with no
// event: the command was heard before, or nothing was due).
template <class EventUnion>
class Decision {
 public:
  // Appends a native event, for example Decision::add(schema::OrderReleasedT{}).
  template <class EventT>
  Decision& add(EventT&& event) {
    events_.emplace_back();
    events_.back().Set(std::forward<EventT>(event));
    return *this;
  }
  Outgoing& replies() { return replies_; }

  bool rejected() const { return rejection_.has_value(); }
  const Rejection& rejection() const { return *rejection_; }
  std::vector<EventUnion>& events() { return events_; }
  const std::vector<EventUnion>& events() const { return events_; }
  const Outgoing& replies() const { return replies_; }

  static Decision reject(Rejection rejection) {
    Decision decision;
    decision.rejection_ = std::move(rejection);
    return decision;
  }

 private:
  std::vector<EventUnion> events_;
  Outgoing replies_;
  std::optional<Rejection> rejection_;
};

// `return reject(RejectionCode::NotFound, "no such order");` converts to any aggregate's decision.
struct Rejected {
  Rejection rejection;
  template <class EventUnion>
  operator Decision<EventUnion>() && {  // NOLINT(google-explicit-constructor): reads as a return
                                        // value
    return Decision<EventUnion>::reject(std::move(rejection));
  }
};

inline Rejected reject(RejectionCode code, std::string detail, std::string pointer = {}) {
  return Rejected{Rejection{code, std::move(pointer), std::move(detail)}};
}

}  // namespace orderlog::engine
