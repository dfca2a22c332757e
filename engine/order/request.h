// What an order asks of credit and stock, as parts of its events. Pure. Internal to the room.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "events/schema/order_generated.h"

namespace orderlog::engine::order {

// The whole total in base currency; the fingerprint tells a repeated order (domain.md 4.17): same
// customer, same products and quantities, same total.
schema::CreditRequestT credit_request_for(
    const schema::OrderHeaderT& header,
    const std::vector<std::unique_ptr<schema::OrderLineT>>& lines,
    const schema::OrderTotalsT& totals);

// `milli` of the line, under the line's own reservation. released_total: what the line has let go
// of so far.
schema::ReservationRequestT reservation_for(const schema::OrderHeaderT& header,
                                            const schema::OrderLineT& line,
                                            std::string_view order_id, std::int64_t milli,
                                            std::int64_t released_total);

// released_total: what the line has let go of once `milli` are gone.
schema::ReleaseRequestT release_for(const schema::OrderLineT& line, std::string_view order_id,
                                    std::int64_t milli, std::int64_t released_total);

}  // namespace orderlog::engine::order
