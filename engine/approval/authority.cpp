// Four eyes: neither the requester nor a person who has agreed already decides a tier.
#include "engine/approval/authority.h"

#include <algorithm>

namespace orderlog::engine {

namespace {

using schema::Role;

Rejection forbidden(std::string detail) {
  return Rejection{RejectionCode::Forbidden, {}, std::move(detail)};
}

bool holds_tier(const schema::ApprovalStateT& approval, const Context& context) {
  const Role wanted = waiting_role(approval);
  if (wanted == Role::None) return false;
  if (context.role == wanted || context.role == Role::Admin) return true;
  if (approval.escalated && context.role == escalated_role(wanted)) return true;
  return !approval.delegated_to.empty() && approval.delegated_to == context.actor;
}

}  // namespace

Role escalated_role(Role role) {
  switch (role) {
    case Role::Sales:
    case Role::SeniorSales:
      return Role::SalesManager;
    case Role::SalesManager:
    case Role::Warehouse:
    case Role::Service:
      return Role::Manager;
    case Role::Manager:
    case Role::CreditOfficer:
    case Role::Finance:
      return Role::Director;
    case Role::Director:
    case Role::Board:
      return Role::Board;
    case Role::Admin:
      return Role::Admin;
    case Role::None:
      return Role::None;
  }
  return Role::None;
}

Role waiting_role(const schema::ApprovalStateT& approval) {
  const std::size_t tier = approval.tier;
  return tier == 0 || tier > approval.tiers.size() ? Role::None : approval.tiers[tier - 1];
}

std::optional<Rejection> refuse_delegation_by(const schema::ApprovalStateT& approval,
                                              const Context& context) {
  if (context.authority == schema::Authority::Import) return std::nullopt;
  if (context.actor.empty()) return forbidden("an approval needs a person who decides");
  if (context.actor == approval.requested_by) {
    return forbidden("nobody decides on their own request");
  }
  if (!holds_tier(approval, context)) {
    return forbidden(std::string("this tier is for the role ") +
                     schema::EnumNameRole(waiting_role(approval)));
  }
  return std::nullopt;
}

std::optional<Rejection> refuse_actor(const schema::ApprovalStateT& approval,
                                      const Context& context) {
  if (context.authority == schema::Authority::Import) return std::nullopt;
  if (auto refusal = refuse_delegation_by(approval, context)) return refusal;
  const auto& before = approval.granted_by;
  if (std::find(before.begin(), before.end(), context.actor) != before.end()) {
    return forbidden("the same person cannot agree on two tiers");
  }
  return std::nullopt;
}

}  // namespace orderlog::engine
