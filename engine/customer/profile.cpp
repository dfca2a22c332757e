#include "engine/customer/profile.h"

#include "events/base/calendar.h"
#include "events/base/currency.h"

namespace orderlog::engine::customer {

namespace {

using Fault = std::optional<Rejection>;

Fault fault(std::string detail, std::string pointer) {
  return Rejection{RejectionCode::InvalidArgument, "/profile" + std::move(pointer),
                   std::move(detail)};
}

bool is_share(std::int32_t ppm) { return ppm >= 0 && ppm <= ppm_whole; }
bool is_span(std::int32_t days) { return days >= 0 && days <= payment_days_max; }

Fault check_instalments(const schema::PaymentTerms& terms) {
  const auto* instalments = terms.instalments();
  if (instalments == nullptr || instalments->size() == 0) return std::nullopt;
  const std::string pointer = "/payment_terms/instalments";
  if (instalments->size() > instalments_max) {
    return Rejection{RejectionCode::LimitExceeded, "/profile" + pointer, "too many instalments"};
  }
  std::int64_t sum = 0;
  for (flatbuffers::uoffset_t i = 0; i < instalments->size(); ++i) {
    const auto& part = *instalments->Get(i);
    const std::string at = pointer + "/" + std::to_string(i);
    if (part.share_ppm() <= 0 || part.share_ppm() > ppm_whole) {
      return fault("a share is above 0 and at most 1,000,000 ppm", at + "/share_ppm");
    }
    if (!is_span(part.days())) return fault("days are 0 to 3,660", at + "/days");
    sum += part.share_ppm();
  }
  if (sum != ppm_whole) return fault("the shares must sum to 1,000,000 ppm", pointer);
  return std::nullopt;
}

Fault check_terms(const schema::PaymentTerms& terms) {
  if (terms.base() < schema::TermsBase::MIN || terms.base() > schema::TermsBase::MAX) {
    return fault("no such base of payment terms", "/payment_terms/base");
  }
  if (!is_share(terms.discount_ppm())) {
    return fault("a discount is 0 to 1,000,000 ppm", "/payment_terms/discount_ppm");
  }
  if (!is_span(terms.discount_days())) {
    return fault("days are 0 to 3,660", "/payment_terms/discount_days");
  }
  if (!is_share(terms.prepayment_ppm())) {
    return fault("a prepayment is 0 to 1,000,000 ppm", "/payment_terms/prepayment_ppm");
  }
  return check_instalments(terms);
}

}  // namespace

Fault find_fault(const schema::CustomerProfile* profile) {
  if (profile == nullptr) return fault("the profile is missing", "");
  if (profile->name() == nullptr || profile->name()->size() == 0) {
    return fault("a customer has a name", "/name");
  }
  if (profile->time_zone() != nullptr && profile->time_zone()->size() > 0 &&
      !is_known_zone(profile->time_zone()->string_view())) {
    return fault("unknown time zone " + quote_input(profile->time_zone()->string_view()),
                 "/time_zone");
  }
  if (!is_known(profile->currency())) return fault("a customer has a currency", "/currency");
  if (profile->payment_terms() != nullptr) return check_terms(*profile->payment_terms());
  return std::nullopt;
}

std::unique_ptr<schema::CustomerProfileT> kept(const schema::CustomerProfile& profile,
                                               const Policy& policy) {
  std::unique_ptr<schema::CustomerProfileT> native(profile.UnPack());
  if (native->time_zone.empty()) native->time_zone = policy.time_zone;
  return native;
}

}  // namespace orderlog::engine::customer
