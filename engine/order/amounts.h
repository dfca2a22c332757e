// An order's money cut into parts: what a cancelled quantity takes out of the books, what a
// shipment is invoiced, what either means in base currency (domain.md 4.2). Must hold: the parts of
// a line sum to the line, those of the order to its total, to the minor unit, in whatever order
// they are cut. Internal to the room.
#pragma once

#include <utility>
#include <vector>

#include "engine/order/working.h"

namespace orderlog::engine::order {

// Amounts and quantity that leave the line with `quantity` of its open part. To be called before
// the look's counters move; never cuts into what has been invoiced.
schema::OrderLineT amounts_leaving(const Working& working, const LineLook& line,
                                   std::int64_t quantity);
// Takes a part off the order's running total and says what it is in base currency.
Money take_from_total(Working& working, const schema::OrderLineT& amounts);
// Credit set free with a part worth `base`; all that is left once nothing is open.
Money release_credit(Working& working, const Money& base);

using Parts = std::vector<std::pair<const LineLook*, std::int64_t>>;

// The invoice for these quantities; freight goes with the first one. The looks' invoice_requested
// must not have moved yet.
schema::InvoiceRequestT invoice_for(const Working& working, const Parts& parts);
// What leaves the open-order bucket with these quantities, shipped just now.
Money exposure_of(Working& working, const Parts& parts);

}  // namespace orderlog::engine::order
