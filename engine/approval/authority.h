// Who may act on which tier of an approval (domain.md 3.5, 4.8). Pure.
#pragma once

#include <optional>
#include <string>

#include "engine/context.h"
#include "engine/decision.h"

namespace orderlog::engine {

// Who takes over when a tier has waited too long.
schema::Role escalated_role(schema::Role role);

// The role of the tier that is waiting; None when all have agreed.
schema::Role waiting_role(const schema::ApprovalStateT& approval);

// Nothing when the actor may decide the waiting tier: holds its role (or, once escalated, that of
// the next level), is an Admin, or was delegated to; is not the requester and has not agreed on an
// earlier tier. History that is imported is not judged again.
std::optional<Rejection> refuse_actor(const schema::ApprovalStateT& approval,
                                      const Context& context);

// The same without the rule about earlier tiers: delegating is not deciding.
std::optional<Rejection> refuse_delegation_by(const schema::ApprovalStateT& approval,
                                              const Context& context);

}  // namespace orderlog::engine
