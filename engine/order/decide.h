// The decisions of an order, one function a command, grouped by theme; decide.cpp sends each
// command to its function. Internal to the room. Commands that only the engine sends are guarded
// there.
#pragma once

#include "engine/order/working.h"

namespace orderlog::engine::order {

using State = schema::OrderStateT;

// entry.cpp
OrderDecision decide_draft(const State& order, const schema::DraftOrder& command,
                           const Context& context);
OrderDecision decide_change(const State& order, const schema::ChangeOrderLines& command,
                            const Context& context);
OrderDecision decide_submit(const State& order, const Context& context);
OrderDecision decide_place(const State& order, const schema::PlaceOrder& command,
                           const Context& context);
// checks.cpp
OrderDecision decide_credit(const State& order, const schema::RecordCreditOutcome& command,
                            const Context& context);
OrderDecision decide_reference(const State& order, const schema::RecordReferenceOutcome& command,
                               const Context& context);
OrderDecision decide_availability(const State& order, const schema::RecordAvailability& command,
                                  const Context& context);
OrderDecision decide_approval(const State& order, const schema::RecordOrderApproval& command,
                              const Context& context);
// holds.cpp
OrderDecision decide_reject(const State& order, const schema::RejectOrder& command,
                            const Context& context);
OrderDecision decide_release(const State& order, const Context& context);
OrderDecision decide_place_hold(const State& order, const schema::PlaceHold& command,
                                const Context& context);
OrderDecision decide_release_hold(const State& order, const schema::ReleaseHold& command,
                                  const Context& context);
// reservation.cpp
OrderDecision decide_reservation(const State& order, const schema::RecordReservation& command,
                                 const Context& context);
// amendment.cpp
OrderDecision decide_amend(const State& order, const schema::AmendOrder& command,
                           const Context& context);
OrderDecision decide_reschedule(const State& order, const schema::RescheduleOrder& command,
                                const Context& context);
// cancellation.cpp
OrderDecision decide_cancel(const State& order, const schema::CancelOrder& command,
                            const Context& context);
OrderDecision decide_cancel_quantity(const State& order, const schema::CancelLineQuantity& command,
                                     const Context& context);
OrderDecision decide_shipment_cancelled(const State& order,
                                        const schema::RecordShipmentCancelled& command,
                                        const Context& context);
OrderDecision decide_cancel_refused(const State& order, const schema::RecordCancelRefused& command,
                                    const Context& context);
// closing.cpp
OrderDecision decide_short_close(const State& order, const schema::ShortCloseOrder& command,
                                 const Context& context);
OrderDecision decide_reopen(const State& order, const schema::ReopenOrder& command,
                            const Context& context);
// shipping.cpp
OrderDecision decide_shipment_planned(const State& order,
                                      const schema::RecordShipmentPlanned& command,
                                      const Context& context);
OrderDecision decide_picked(const State& order, const schema::RecordPicked& command,
                            const Context& context);
OrderDecision decide_shipped(const State& order, const schema::RecordShipped& command,
                             const Context& context);
OrderDecision decide_delivered(const State& order, const schema::RecordDelivered& command,
                               const Context& context);
// billing.cpp
OrderDecision decide_invoiced(const State& order, const schema::RecordInvoiced& command,
                              const Context& context);
OrderDecision decide_payment(const State& order, const schema::RecordOrderPayment& command,
                             const Context& context);
// delays.cpp
OrderDecision decide_carrier(const State& order, const schema::RecordCarrierException& command,
                             const Context& context);
OrderDecision decide_dates(const State& order, const Context& context);

}  // namespace orderlog::engine::order
