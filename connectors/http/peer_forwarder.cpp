// The links by address: made when first needed, given up when others need the place.
#include "connectors/http/peer_forwarder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "connectors/http/limits.h"
#include "connectors/http/peer_link.h"

namespace orderlog::http {

namespace {

using runtime::Answer;
using runtime::Outcome;

void answer_with(Outcome outcome, std::string reason, Answer answer,
                 const runtime::AnswerDone& done) {
  answer.outcome = outcome;
  answer.reason = std::move(reason);
  done(answer);
}

}  // namespace

class PeerForwarder::Impl {
 public:
  Impl(runtime::Loop& loop, PeerForwarderOptions options)
      : loop_(loop), options_(std::move(options)) {}

  void forward(const Answer& refused, std::span<const std::uint8_t> command,
               runtime::AnswerDone done);
  void stop();
  const PeerCounters& counters() const { return counters_; }

 private:
  struct Peer {
    std::unique_ptr<PeerLink> link;
    std::uint64_t last_used = 0;
  };
  Result<PeerLink*> link_to(const std::string& address);
  bool make_room();

  runtime::Loop& loop_;
  const PeerForwarderOptions options_;
  PeerCounters counters_;
  std::map<std::string, Peer> peers_;
  std::uint64_t uses_ = 0;
  bool stopped_ = false;
};

// Nodes come and go, and with them their addresses.
bool PeerForwarder::Impl::make_room() {
  auto oldest = peers_.end();
  for (auto at = peers_.begin(); at != peers_.end(); ++at) {
    const bool older = oldest == peers_.end() || at->second.last_used < oldest->second.last_used;
    if (older && at->second.link->idle()) oldest = at;
  }
  if (oldest == peers_.end()) return false;
  peers_.erase(oldest);
  return true;
}

Result<PeerLink*> PeerForwarder::Impl::link_to(const std::string& address) {
  auto found = peers_.find(address);
  if (found == peers_.end()) {
    if (peers_.size() >= options_.peers_max && !make_room()) {
      return error(ErrorCode::Unavailable, "too many nodes are being forwarded to");
    }
    auto link = PeerLink::start(address, options_, loop_, counters_);
    if (!link) return link.error();
    found = peers_.emplace(address, Peer{std::move(*link)}).first;
    counters_.peers = peers_.size();
  }
  found->second.last_used = ++uses_;
  return found->second.link.get();
}

void PeerForwarder::Impl::forward(const Answer& refused, std::span<const std::uint8_t> command,
                                  runtime::AnswerDone done) {
  if (stopped_) return answer_with(Outcome::Stopping, "the server is stopping", refused, done);
  if (command.size() > peer_command_bytes_max) {
    Answer answer = refused;
    answer.outcome = Outcome::Rejected;
    answer.rejection = engine::Rejection{engine::RejectionCode::LimitExceeded, "",
                                         "a command that another node leads has at most " +
                                             std::to_string(peer_command_bytes_max) + " bytes"};
    return done(answer);
  }
  auto link = link_to(refused.leader_address);
  if (!link) {
    ++counters_.overflowed;
    return answer_with(Outcome::Unavailable, link.error().message, refused, done);
  }
  ForwardedCommand forwarded{refused, {command.begin(), command.end()}, std::move(done), {}};
  if (!(*link)->push(forwarded)) {
    ++counters_.overflowed;
    answer_with(Outcome::Unavailable, "too many commands wait for " + refused.leader_address,
                refused, forwarded.done);
  }
}

void PeerForwarder::Impl::stop() {
  stopped_ = true;
  for (auto& [address, peer] : peers_) peer.link->interrupt();
  for (auto& [address, peer] : std::exchange(peers_, {})) {
    for (const ForwardedCommand& waiting : peer.link->stop()) {
      answer_with(Outcome::Stopping, "the server is stopping", waiting.answer, waiting.done);
    }
  }
  counters_.peers = 0;
}

PeerForwarder::PeerForwarder(runtime::Loop& loop, PeerForwarderOptions options)
    : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
PeerForwarder::~PeerForwarder() { stop(); }

void PeerForwarder::forward(const Answer& refused, std::span<const std::uint8_t> command,
                            runtime::AnswerDone done) {
  impl_->forward(refused, command, std::move(done));
}

void PeerForwarder::stop() { impl_->stop(); }

PeerForwarderStats PeerForwarder::stats() const {
  const PeerCounters& counters = impl_->counters();
  return {counters.forwarded, counters.failed, counters.unknown, counters.overflowed,
          counters.requests,  counters.queued, counters.peers};
}

}  // namespace orderlog::http
