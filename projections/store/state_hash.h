// A hash over all rows of a layout that doesn't depend on how they were batched: what a replay must
// reproduce (design.md, promise 4).
#pragma once

#include "events/base/hash.h"
#include "projections/model.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {

// Sum, modulo 2^256 by 64-bit words, of the SHA-256 of each (table, key, row), or of each item of
// it where the table says what its items are. Errors: as ReadView.
Result<Hash256> state_hash_of(const ReadView& view, const ModelDefinition& definition);

}  // namespace orderlog::projections
