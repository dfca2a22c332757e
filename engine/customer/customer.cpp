// Customer master data (domain.md C1): one writer on the customer's home partition, copies on all
// others. Must hold: 1. an active customer has a name, a currency and a known time zone; 2. a copy
// never goes back to an older version of its original.
#include "engine/aggregates.h"
#include "engine/customer/profile.h"

namespace orderlog::engine {

namespace {

using schema::CustomerEvent;
using schema::CustomerStateT;
using schema::CustomerStatus;
using CustomerDecision = Decision<schema::CustomerEventUnion>;

Rejected no_such_customer() { return reject(RejectionCode::NotFound, "no such customer"); }

Rejected engine_only() {
  return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
}

CustomerDecision register_customer(const CustomerStateT& customer,
                                   const schema::RegisterCustomer& command,
                                   const Context& context) {
  if (customer.status != CustomerStatus::None) {
    return reject(RejectionCode::AlreadyExists, "this customer is registered already",
                  "/customer_id");
  }
  if (context.aggregate_id.empty()) {
    return reject(RejectionCode::InvalidArgument, "the customer's id is empty", "/customer_id");
  }
  if (auto fault = customer::find_fault(command.profile())) return Rejected{std::move(*fault)};
  schema::CustomerRegisteredT event;
  event.profile = customer::kept(*command.profile(), context.policy);
  CustomerDecision decision;
  decision.add(std::move(event));
  return decision;
}

CustomerDecision change(const CustomerStateT& customer, const schema::ChangeCustomer& command,
                        const Context& context) {
  if (customer.status == CustomerStatus::None) return no_such_customer();
  if (auto fault = customer::find_fault(command.profile())) return Rejected{std::move(*fault)};
  schema::CustomerChangedT event;
  event.profile = customer::kept(*command.profile(), context.policy);
  CustomerDecision decision;
  decision.add(std::move(event));
  return decision;
}

// From the credit account, which grades. A customer that is not registered has no grade to keep.
CustomerDecision adopt_grade(const CustomerStateT& customer, const schema::AdoptGrade& command,
                             const Context& context) {
  if (context.authority != schema::Authority::System) return engine_only();
  CustomerDecision decision;
  if (customer.status == CustomerStatus::None || customer.grade == command.grade()) return decision;
  schema::CustomerGradedT event;
  event.from = customer.grade;
  event.to = command.grade();
  decision.add(std::move(event));
  return decision;
}

CustomerDecision deactivate(const CustomerStateT& customer,
                            const schema::DeactivateCustomer& command) {
  if (customer.status == CustomerStatus::None) return no_such_customer();
  if (customer.status == CustomerStatus::Inactive) {
    return reject(RejectionCode::InvalidTransition, "the customer is inactive already");
  }
  schema::CustomerDeactivatedT event;
  event.reason = flatbuffers::GetString(command.reason());
  CustomerDecision decision;
  decision.add(std::move(event));
  return decision;
}

CustomerDecision reactivate(const CustomerStateT& customer) {
  if (customer.status == CustomerStatus::None) return no_such_customer();
  if (customer.status == CustomerStatus::Active) {
    return reject(RejectionCode::InvalidTransition, "the customer is active");
  }
  CustomerDecision decision;
  decision.add(schema::CustomerReactivatedT{});
  return decision;
}

CustomerDecision copy(const CustomerStateT& customer, const schema::CopyCustomer& command,
                      const Context& context) {
  if (context.authority != schema::Authority::System) return engine_only();
  CustomerDecision decision;
  const auto* original = command.state();
  if (original == nullptr || original->home_version() <= customer.home_version) return decision;
  schema::CustomerCopiedT event;
  event.state.reset(original->UnPack());
  decision.add(std::move(event));
  return decision;
}

template <class Profile>
void set_profile(CustomerStateT& customer, const Profile* profile) {
  if (profile != nullptr) customer.profile.reset(profile->UnPack());
}

}  // namespace

Decision<schema::CustomerEventUnion> decide(const CustomerStateT& customer,
                                            const schema::CustomerCommands& commands,
                                            const Context& context) {
  using schema::CustomerCommand;
  switch (commands.command_type()) {
    case CustomerCommand::RegisterCustomer:
      return register_customer(customer, *commands.command_as_RegisterCustomer(), context);
    case CustomerCommand::ChangeCustomer:
      return change(customer, *commands.command_as_ChangeCustomer(), context);
    case CustomerCommand::AdoptGrade:
      return adopt_grade(customer, *commands.command_as_AdoptGrade(), context);
    case CustomerCommand::DeactivateCustomer:
      return deactivate(customer, *commands.command_as_DeactivateCustomer());
    case CustomerCommand::ReactivateCustomer:
      return reactivate(customer);
    case CustomerCommand::CopyCustomer:
      return copy(customer, *commands.command_as_CopyCustomer(), context);
    case CustomerCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a customer");
}

void evolve(CustomerStateT& customer, const schema::CustomerEvents& events, const EventMeta& meta) {
  switch (events.event_type()) {
    case CustomerEvent::CustomerRegistered:
      customer.status = CustomerStatus::Active;
      customer.registered_at = meta.occurred_at;
      set_profile(customer, events.event_as_CustomerRegistered()->profile());
      break;
    case CustomerEvent::CustomerChanged:
      set_profile(customer, events.event_as_CustomerChanged()->profile());
      break;
    case CustomerEvent::CustomerGraded:
      customer.grade = events.event_as_CustomerGraded()->to();
      break;
    case CustomerEvent::CustomerDeactivated:
      customer.status = CustomerStatus::Inactive;
      break;
    case CustomerEvent::CustomerReactivated:
      customer.status = CustomerStatus::Active;
      break;
    case CustomerEvent::CustomerCopied: {
      const auto* original = events.event_as_CustomerCopied()->state();
      if (original == nullptr) return;
      customer = CustomerStateT{};
      original->UnPackTo(&customer);
      return;  // the version at home came with it
    }
    case CustomerEvent::NONE:
      return;
  }
  customer.home_version = meta.version;
}

std::optional<TimestampUs> next_deadline(const CustomerStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
