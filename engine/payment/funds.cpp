#include "engine/payment/funds.h"

#include <algorithm>

namespace orderlog::engine::payment {

std::int64_t allocated_minor(const schema::PaymentStateT& payment) {
  std::int64_t sum = 0;
  for (const auto& allocation : payment.allocations) sum += allocation->minor;
  return sum;
}

const schema::PaymentAllocationT* find_allocation(const schema::PaymentStateT& payment,
                                                  std::string_view allocation_id) {
  for (const auto& allocation : payment.allocations) {
    if (allocation->allocation_id == allocation_id) return allocation.get();
  }
  return nullptr;
}

const schema::PaymentRefundT* find_refund(const schema::PaymentStateT& payment,
                                          std::string_view refund_id) {
  for (const auto& refund : payment.refunds) {
    if (refund->refund_id == refund_id) return refund.get();
  }
  return nullptr;
}

std::string kept_reference(ReferenceKind kind, std::string_view reference) {
  const char* prefix = "";
  switch (kind) {
    case ReferenceKind::Authorization:
      prefix = "authorization/";
      break;
    case ReferenceKind::Capture:
      prefix = "capture/";
      break;
    case ReferenceKind::Refund:
      prefix = "refund/";
      break;
  }
  return prefix + std::string(reference);
}

bool is_known_reference(const schema::PaymentStateT& payment, ReferenceKind kind,
                        std::string_view reference) {
  if (reference.empty()) return false;
  const auto& known = payment.provider_references;
  return std::ranges::find(known, kept_reference(kind, reference)) != known.end();
}

}  // namespace orderlog::engine::payment
