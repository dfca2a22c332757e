// The parameters of the business, with the defaults of domain.md section 4. Read from configuration
// once, at start. Decisions use them; replay never does.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "events/base/calendar.h"
#include "events/base/money.h"
#include "events/schema/sales_generated.h"
#include "events/schema/service_generated.h"

namespace orderlog::engine {

inline constexpr std::int64_t ppm_whole = 1'000'000;

// domain.md 4.8. Limits in minor units of the base currency; tiers by grade are derived in
// engine/approval.
struct ApprovalPolicy {
  std::int64_t no_approval_below_minor = 1'000'000;  // 10 k
  std::int64_t manager_below_minor = 10'000'000;     // 100 k
  std::int64_t director_below_minor = 100'000'000;   // 1 M; the board above
  std::int64_t escalate_after_working_seconds = 24 * 3600;
  std::int64_t expire_after_working_seconds = 72 * 3600;
  std::int64_t reapproval_growth_ppm = 50'000;  // total grows by more than 5 %
};

// domain.md 4.5.
struct PricePolicy {
  std::int64_t discount_max_sales_ppm = 50'000;
  std::int64_t discount_max_senior_ppm = 150'000;
  std::int64_t discount_max_manager_ppm = 300'000;
  std::int64_t minimum_margin_ppm = 100'000;
  std::int64_t exchange_rate_stale_seconds = 24 * 3600;
};

// domain.md 4.7.
struct CreditPolicy {
  std::int32_t horizon_days = 60;
  std::int32_t oldest_open_item_days = 30;
  std::int64_t overdue_share_max_ppm = 500'000;
  // An open item that was dunned as far blocks new orders.
  std::uint32_t dunning_level_blocks = 3;
  // No limit set: cash in advance for grades D and E and for new customers; others pass up to this
  // amount.
  std::int64_t unrated_limit_minor = 100'000'000;
};

// domain.md 4.9, 4.10. Days are working days of the calendar named.
struct PromisePolicy {
  std::int32_t transit_days = 3;
  std::int32_t loading_days = 0;
  std::int32_t transport_planning_days = 0;
  std::int32_t pick_pack_days = 1;
  std::int32_t security_days = 1;
  std::int32_t cut_off_minute = 14 * 60;
  std::int32_t grace_days = 0;
  // Replenishment time assumed when nothing is expected in stock.
  std::int32_t replenishment_days = 14;
};

struct OrderPolicy {
  std::int64_t duplicate_window_seconds = 600;     // 4.17; 0: no suspicion
  std::int64_t unpaid_expiry_seconds = 24 * 3600;  // 4.12
  std::int32_t parcels_max = 3;                    // 4.14
  // 4.14: a part that is worth less, in the base currency, waits for more.
  std::int64_t parcel_value_min_minor = 0;
  bool release_automatically = true;
  bool plan_shipments_automatically = true;
  bool invoice_at_delivery = false;  // else at dispatch
  std::int32_t lines_max = 500;
  std::int64_t quantity_milli_max = 1'000'000'000'000;
};

struct StockPolicy {
  std::int64_t soft_hold_ttl_seconds = 600;   // 4.12
  std::int64_t over_delivery_ppm = 0;         // 4.15
  std::int32_t reservations_max = 1'000'000;  // per stock item
};

struct QuotePolicy {
  std::int32_t validity_days = 30;  // 4.6
  std::int32_t rounds_max = 5;
  // An expired quote that was neither extended nor revised is withdrawn so many days after its
  // expiry; 0: with it.
  std::int32_t auto_cancel_days = 30;
};

struct BillingPolicy {
  std::int32_t net_days = 30;               // 4.18
  std::int64_t small_difference_ppm = 100;  // 4.20: 0.01 %
  std::int64_t small_difference_max_minor = 50;
  std::string invoice_series = "INV";
  std::int64_t refund_approval_above_minor = 100'000;
  // Days after the end of its month for which an issued invoice may still be voided.
  std::int32_t void_days_after_month_end = 10;
};

// domain.md 4.22, in working seconds, by priority (index: schema::TicketPriority).
struct SlaPolicy {
  std::array<std::int64_t, 5> response_seconds{0, 24 * 3600, 8 * 3600, 3600, 1800};
  std::array<std::int64_t, 5> resolution_seconds{0, 72 * 3600, 24 * 3600, 4 * 3600, 2 * 3600};
  std::int64_t warn_ppm = 750'000;
  std::int32_t reopen_within_days = 14;
  // Working calendar per customer tier; the entry "" is the default.
  std::map<std::string, WorkingCalendar, std::less<>> calendars;
};

// domain.md 4.23.
struct LeadPolicy {
  std::map<std::string, std::int32_t, std::less<>> source_points{
      {"referral", 40}, {"fair", 25}, {"online", 20}, {"card_scan", 15}};
  std::int32_t source_points_default = 10;
  std::int64_t fit_weight_ppm = 300'000;
  std::int64_t intent_weight_ppm = 300'000;
  std::int32_t grade_a_from = 80;
  std::int32_t grade_b_from = 50;
  std::int64_t answer_a_seconds = 3600;
  std::int64_t answer_b_seconds = 24 * 3600;
  std::int64_t answer_c_seconds = 72 * 3600;
};

// Tax rate by (jurisdiction = ship-to country, tax class); ppm of the net amount. domain.md 4.3.
struct TaxPolicy {
  std::map<std::pair<std::string, std::string>, std::int32_t> rates_ppm;
  std::int32_t default_rate_ppm = 0;
  bool per_unit = false;  // 4.2: tax per line after multiplying, or per unit
  bool included = false;  // 4.2: prices and discounts are given with their tax
};

struct Policy {
  schema::Currency base_currency = schema::Currency::USD;
  Rounding rounding = Rounding::HalfEven;
  std::map<schema::Currency, Rounding> rounding_by_currency;
  std::string time_zone = "UTC";
  std::string location = "MAIN";
  // Warehouse (site), carrier and office calendars.
  WorkingCalendar site_calendar;
  WorkingCalendar carrier_calendar;
  WorkingCalendar office_calendar;
  ApprovalPolicy approval;
  PricePolicy price;
  CreditPolicy credit;
  PromisePolicy promise;
  OrderPolicy order;
  StockPolicy stock;
  QuotePolicy quote;
  BillingPolicy billing;
  SlaPolicy sla;
  LeadPolicy lead;
  TaxPolicy tax;

  Rounding rounding_of(schema::Currency currency) const {
    const auto found = rounding_by_currency.find(currency);
    return found == rounding_by_currency.end() ? rounding : found->second;
  }
};

// The defaults with their calendars filled in (Mon-Fri; office hours 10-18, domain.md 4.22).
Policy default_policy();

}  // namespace orderlog::engine
