// The process manager (design.md section 6): a pure reaction to an event that gives the commands
// that must follow. They ride in the commit of the event, with ids derived from it, so a redelivery
// is a no-op.
#pragma once

#include "engine/outgoing.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::engine {

// Appends the follow-up commands of `event` to `out`. Total: an event without a follow-up adds
// nothing.
void react(const schema::Envelope& event, Outgoing& out);

}  // namespace orderlog::engine
