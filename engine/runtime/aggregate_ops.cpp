#include "engine/runtime/aggregate_ops.h"

#include <array>
#include <unordered_set>

#include "engine/aggregates.h"
#include "engine/runtime/state_codec.h"

namespace orderlog::runtime {
namespace {

using engine::Context;
using engine::EventMeta;
using engine::Outgoing;
using engine::Policy;
using engine::Rejection;

template <class A>
std::optional<Rejection> decide_any(const AnyState& state, const void* command,
                                    const Context& context, EventSink& sink, Outgoing& replies) {
  auto decision = engine::decide(static_cast<const StateOf<A>&>(state).value,
                                 *static_cast<const typename A::Commands*>(command), context);
  if (decision.rejected()) return decision.rejection();
  for (auto& event : decision.events()) {
    typename A::Events::NativeTableType wrapper;
    wrapper.event = std::move(event);
    auto& builder = sink.builder();
    sink.event(A::kind, A::Events::Pack(builder, &wrapper).Union());
  }
  for (auto& reply : decision.replies().commands()) replies.commands().push_back(std::move(reply));
  return std::nullopt;
}

template <class A>
void evolve_any(AnyState& state, const void* event, const EventMeta& meta) {
  engine::evolve(static_cast<StateOf<A>&>(state).value,
                 *static_cast<const typename A::Events*>(event), meta);
}

constexpr flatbuffers::uoffset_t state_depth_max = 64;
constexpr flatbuffers::uoffset_t state_tables_max = 10'000'000;

template <class A>
constexpr bool in_parts = engine::KeptInParts<typename A::StateT>;

template <class A>
void pack_any(flatbuffers::FlatBufferBuilder& builder, const AnyState& state) {
  using engine::pack_state;
  builder.Clear();
  const auto& value = static_cast<const StateOf<A>&>(state).value;
  if constexpr (in_parts<A>) {
    builder.Finish(pack_head(builder, value));
  } else {
    builder.Finish(pack_state(builder, value));
  }
}

// nullptr when the bytes are none.
template <class A>
const typename A::State* verified(std::string_view bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                 state_depth_max, state_tables_max);
  if (!verifier.VerifyBuffer<typename A::State>(nullptr)) return nullptr;
  return flatbuffers::GetRoot<typename A::State>(bytes.data());
}

template <class A>
std::unique_ptr<AnyState> unpack_any(std::string_view bytes) {
  using engine::unpack_state;
  const auto* stored = verified<A>(bytes);
  if (stored == nullptr) return nullptr;
  auto state = std::make_unique<StateOf<A>>();
  unpack_state(state->value, *stored);
  return state;
}

template <class A>
void take_changed_parts_any(AnyState& state, flatbuffers::FlatBufferBuilder& builder,
                            const engine::PartVisit& visit) {
  take_changed_parts(static_cast<StateOf<A>&>(state).value, builder, visit);
}

template <class A>
bool add_part_any(AnyState& state, std::string_view bytes) {
  const auto* part = verified<A>(bytes);
  if (part != nullptr) add_part(static_cast<StateOf<A>&>(state).value, *part);
  return part != nullptr;
}

template <class A>
std::size_t parts_bytes_any(const AnyState& state) {
  return parts_bytes(static_cast<const StateOf<A>&>(state).value);
}

template <class A>
void timer_command_any([[maybe_unused]] std::string_view id, [[maybe_unused]] Outgoing& out) {
  if constexpr (!std::is_same_v<typename A::TimerCommandT, engine::NoTimer>) {
    typename A::TimerCommandT command;
    engine::set_aggregate_id(command, std::string(id));
    out.send(std::move(command));
  }
}

template <class A>
AggregateOps make_ops() {
  AggregateOps ops{
      A::name,
      [] { return std::unique_ptr<AnyState>(std::make_unique<StateOf<A>>()); },
      decide_any<A>,
      evolve_any<A>,
      pack_any<A>,
      unpack_any<A>,
      nullptr,
      nullptr,
      nullptr,
      [](const AnyState& state, const Policy& policy) {
        return engine::next_deadline(static_cast<const StateOf<A>&>(state).value, policy);
      },
      timer_command_any<A>,
      [](const void* events) {
        return A::event_name(static_cast<const typename A::Events*>(events)->event_type());
      },
      [](const void* commands) {
        return A::command_name(static_cast<const typename A::Commands*>(commands)->command_type());
      }};
  if constexpr (in_parts<A>) {
    ops.take_changed_parts = take_changed_parts_any<A>;
    ops.add_part = add_part_any<A>;
    ops.parts_bytes = parts_bytes_any<A>;
  }
  return ops;
}

struct OpsTable {
  std::array<AggregateOps, static_cast<std::size_t>(schema::AnyEvent::MAX) + 1> ops{};
  template <class A>
  void operator()() {
    ops[static_cast<std::size_t>(A::kind)] = make_ops<A>();
  }
};

const OpsTable& table() {
  static const OpsTable instance = [] {
    OpsTable made;
    engine::for_each_aggregate(made);
    return made;
  }();
  return instance;
}

// The command inside its aggregate's wrapper: field 1, beside the union's type in field 0.
const flatbuffers::Table* inner_command(const schema::CommandEnvelope& command) {
  const auto* wrapper = static_cast<const flatbuffers::Table*>(command.payload());
  return wrapper == nullptr ? nullptr : wrapper->GetPointer<const flatbuffers::Table*>(6);
}

}  // namespace

const AggregateOps& ops_of(schema::AnyEvent kind) {
  return table().ops[static_cast<std::size_t>(kind)];
}

std::string_view event_type_name(const schema::Envelope& event) {
  if (event.payload_type() == schema::AnyEvent::SystemEvents) {
    return schema::EnumNameSystemEvent(event.payload_as_SystemEvents()->event_type());
  }
  if (event.payload_type() == schema::AnyEvent::NONE ||
      event.payload_type() > schema::AnyEvent::MAX)
    return "Unknown";
  return ops_of(event.payload_type()).event_name(event.payload());
}

std::string_view command_type_name(const schema::CommandEnvelope& command) {
  if (!has_payload(command)) return "Unknown";
  return ops_of(kind_of(command.payload_type())).command_name(command.payload());
}

bool has_payload(const schema::CommandEnvelope& command) {
  return command.payload_type() != schema::AnyCommand::NONE &&
         command.payload_type() <= schema::AnyCommand::MAX && inner_command(command) != nullptr;
}

std::string_view aggregate_id_of(const schema::CommandEnvelope& command) {
  const auto* inner = inner_command(command);
  if (inner == nullptr) return {};
  const auto* id = inner->GetPointer<const flatbuffers::String*>(4);
  return id == nullptr ? std::string_view() : std::string_view(id->c_str(), id->size());
}

bool is_engine_only(const schema::CommandEnvelope& command) {
  return is_engine_only(command_type_name(command));
}

bool is_engine_only(std::string_view command_name) {
  static const std::unordered_set<std::string_view> names{"AdoptGrade",
                                                          "CopyCustomer",
                                                          "CopyProduct",
                                                          "OpenCreditAccount",
                                                          "ReserveCredit",
                                                          "ShiftExposure",
                                                          "ReleaseCredit",
                                                          "ChangeCreditBalance",
                                                          "RecordDunning",
                                                          "CheckAvailability",
                                                          "ExpireHolds",
                                                          "AcceptTransfer",
                                                          "AcceptLeadMerge",
                                                          "ConfirmLeadMerge",
                                                          "CheckFollowUp",
                                                          "RecordQuoteApproval",
                                                          "DraftRevision",
                                                          "CheckQuoteExpiry",
                                                          "CheckApprovalDeadline",
                                                          "RecordCreditOutcome",
                                                          "RecordReferenceOutcome",
                                                          "RecordAvailability",
                                                          "RecordOrderApproval",
                                                          "RecordReservation",
                                                          "RecordPicked",
                                                          "RecordShipped",
                                                          "RecordDelivered",
                                                          "RecordShipmentCancelled",
                                                          "RecordShipmentPlanned",
                                                          "HoldShipment",
                                                          "ResumeShipment",
                                                          "RecordCancelRefused",
                                                          "RecordCarrierException",
                                                          "RecordInvoiced",
                                                          "RecordOrderPayment",
                                                          "CheckOrderDates",
                                                          "ClaimOrderReference",
                                                          "ReleaseOrderReference",
                                                          "CompleteIssue",
                                                          "RecordWriteOffApproval",
                                                          "ApplyPayment",
                                                          "UnapplyPayment",
                                                          "CheckInvoiceDue",
                                                          "AssignNumber",
                                                          "ConfirmAllocation",
                                                          "ConfirmDeallocation",
                                                          "CheckTicketSla",
                                                          "RecordRefusal"};
  return names.contains(command_name);
}

}  // namespace orderlog::runtime
