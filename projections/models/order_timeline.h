// order_timeline: all that happened to an order and to its documents (quote, approvals, shipments,
// invoices, payments, tickets), with the flow of documents (domain.md section 5). Kept in chunks:
// one for each order, partition and batch, so that nothing is read to append; a question sorts them
// by recorded time, partition and sequence.
#pragma once

#include "projections/model.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {

ModelDefinition order_timeline_model();

// ---- order_timeline_report.cpp

// An order with more entries is answered with an error, not cut.
inline constexpr std::size_t timeline_entries_max = 20'000;

Result<ReportPage> timeline_report(const ReadView& view, const ReportRequest& request);

}  // namespace orderlog::projections
