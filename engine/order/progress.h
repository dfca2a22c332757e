// The steps that an order takes by itself as soon as nothing is in their way. Each adds its events
// to the decision in the making. Internal to the room.
#pragma once

#include "engine/order/working.h"

namespace orderlog::engine::order {

// Approves, releases, plans shipments, completes: whatever the events so far have made possible.
void progress(Working& working);

// progress.cpp: from the checks to the release (domain.md 3.6, 4.8, 4.12)
void approve(Working& working, std::string approval_id);
void release(Working& working);
void require_approval(Working& working, std::vector<schema::Role> tiers, const Money& amount,
                      std::string reason);
schema::CreditRequestT credit_request(const schema::OrderStateT& order, const Context& context);
// Stock for what is open and not asked for yet.
std::vector<std::unique_ptr<schema::ReservationRequestT>> reservation_requests(Working& working);

// planning.cpp: shipments for what is reserved (domain.md 4.14)
void plan_shipments(Working& working);

// closing.cpp: everything delivered or cancelled, and invoiced
void complete_if_done(Working& working);

}  // namespace orderlog::engine::order
