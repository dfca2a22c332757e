// What each event of an invoice means in money. Must hold: Σ of one event's postings = 0.
#pragma once

#include <vector>

#include "engine/invoice/ledger.h"
#include "events/schema/billing_generated.h"

namespace orderlog::engine {

// Pure; empty for events that move no money. The accounts are listed in the room's README.
std::vector<Posting> postings(const schema::InvoiceEvents& event);

}  // namespace orderlog::engine
