// Payment terms as vectors: what is due when, and until when a discount holds (domain.md 4.18).
#include "engine/invoice/payment_terms.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

// "date amount, date amount"
std::string text_of(const Payable& payable) {
  std::string text;
  for (const auto& due : payable.due) {
    if (!text.empty()) text += ", ";
    text += day_to_text(due.due_date) + " " + std::to_string(due.amount.minor());
  }
  return text;
}

struct Vector {
  const char* name;
  schema::PaymentTermsT terms;
  const char* issued_on;
  std::int64_t total;
  const char* due;
};

TEST(PaymentTerms, DueDatesAndAmounts) {
  constexpr auto eom = schema::TermsBase::EndOfMonth;
  auto prepaid = terms_of({{1'000'000, 30}});
  prepaid.prepayment_ppm = 300'000;
  const Vector vectors[] = {
      {"no terms: NET 30", {}, "2024-01-15", 1'000, "2024-02-14 1000"},
      {"NET 10 over a leap day", terms_of({{1'000'000, 10}}), "2024-02-20", 1'000,
       "2024-03-01 1000"},
      {"at once", terms_of({{1'000'000, 0}}), "2024-02-20", 1'000, "2024-02-20 1000"},
      {"EOM 0", terms_of({{1'000'000, 0}}, eom), "2024-02-01", 1'000, "2024-02-29 1000"},
      {"EOM 30 from the last day", terms_of({{1'000'000, 30}}, eom), "2023-12-31", 1'000,
       "2024-01-30 1000"},
      {"EOM without instalments: net days after it", terms_of({}, eom), "2024-01-15", 1'000,
       "2024-03-01 1000"},
      {"thirds keep the cent", terms_of({{333'333, 30}, {333'333, 60}, {333'334, 90}}),
       "2024-01-01", 100, "2024-01-31 33, 2024-03-01 33, 2024-03-31 34"},
      {"same date is one entry, order of dates",
       terms_of({{200'000, 60}, {500'000, 30}, {300'000, 60}}), "2024-01-01", 1'000,
       "2024-01-31 500, 2024-03-01 500"},
      {"prepaid share is due at once", prepaid, "2024-01-01", 1'000,
       "2024-01-01 300, 2024-01-31 700"},
      {"less than a cent each", terms_of({{500'000, 10}, {500'000, 20}}), "2024-01-01", 1,
       "2024-01-11 1"},
      {"nothing to pay", terms_of({{1'000'000, 10}}), "2024-01-01", 0, ""},
  };
  const BillingPolicy policy;
  for (const auto& vector : vectors) {
    ASSERT_FALSE(problem_of(&vector.terms)) << vector.name;
    const auto result = payable(usd(vector.total), &vector.terms, day(vector.issued_on), policy);
    ASSERT_TRUE(result) << vector.name;
    EXPECT_EQ(text_of(*result), vector.due) << vector.name;
  }
  const auto none = payable(usd(5), nullptr, day("2024-01-01"), policy);
  ASSERT_TRUE(none);
  EXPECT_EQ(text_of(*none), "2024-01-31 5");
}

TEST(PaymentTerms, TwoTenNetThirty) {
  auto terms = terms_of({{1'000'000, 30}});
  terms.discount_ppm = 20'000;
  terms.discount_days = 10;
  const auto result = payable(usd(12'345), &terms, day("2024-01-15"), BillingPolicy{});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->discount_until, day("2024-01-25"));
  EXPECT_EQ(result->discount, usd(247));
  EXPECT_EQ(text_of(*result), "2024-02-14 12345");
}

TEST(PaymentTerms, WhatCannotBeUsed) {
  const auto pointer = [](const schema::PaymentTermsT& terms) {
    const auto problem = problem_of(&terms);
    return problem ? problem->pointer : std::string("none");
  };
  EXPECT_EQ(pointer(terms_of({{500'000, 10}, {400'000, 20}})), "/instalments");
  EXPECT_EQ(pointer(terms_of({{1'500'000, 10}, {-500'000, 20}})), "/instalments/0/share_ppm");
  EXPECT_EQ(pointer(terms_of({{1'000'000, -1}})), "/instalments/0/days");
  EXPECT_EQ(pointer(terms_of({{1'000'000, 3'651}})), "/instalments/0/days");
  EXPECT_EQ(pointer(terms_of(std::vector<std::pair<int, int>>(121, {1, 1}))), "/instalments");
  auto terms = terms_of({});
  terms.discount_ppm = 1'000'001;
  EXPECT_EQ(pointer(terms), "/discount_ppm");
  terms.discount_ppm = 0;
  terms.prepayment_ppm = -1;
  EXPECT_EQ(pointer(terms), "/prepayment_ppm");
  EXPECT_FALSE(problem_of(nullptr));
  // An invoice says where in its content it is.
  Invoice invoice("INV-1");
  auto draft = draft_of(usd(100));
  draft.content->payment_terms = boxed(terms_of({{1, 1}}));
  invoice.when(std::move(draft))
      .then_rejected(RejectionCode::InvalidArgument, "/content/payment_terms/instalments");
}

TEST(PaymentTerms, TheEndOfTheCalendarIsNoDueDate) {
  EXPECT_FALSE(payable(usd(5), nullptr, day("9999-12-31"), BillingPolicy{}));
  const auto terms = terms_of({}, schema::TermsBase::EndOfMonth);
  EXPECT_FALSE(payable(usd(5), &terms, day("9999-12-31"), BillingPolicy{}));
}

RC_GTEST_PROP(PaymentTerms, DueAmountsSumToTheTotal, ()) {
  const auto total = *rc::gen::inRange<std::int64_t>(0, 100'000'000'000);
  const auto count = *rc::gen::inRange(1, 12);
  std::vector<std::pair<int, int>> instalments;
  int left = 1'000'000;
  for (int i = 1; i < count; ++i) {
    const int part = *rc::gen::inRange(0, left + 1);
    instalments.emplace_back(part, *rc::gen::inRange(0, 400));
    left -= part;
  }
  instalments.emplace_back(left, *rc::gen::inRange(0, 400));
  auto terms = terms_of(instalments);
  terms.prepayment_ppm = *rc::gen::inRange(0, 1'000'001);
  RC_ASSERT(!problem_of(&terms));
  const auto result = payable(usd(total), &terms, day("2024-01-15"), BillingPolicy{});
  RC_ASSERT(result.ok());
  std::int64_t sum = 0;
  Day last = 0;
  for (const auto& due : result->due) {
    RC_ASSERT(due.due_date > last);
    RC_ASSERT(due.amount.minor() > 0);
    last = due.due_date;
    sum += due.amount.minor();
  }
  RC_ASSERT(sum == total);
}

}  // namespace
}  // namespace orderlog::engine::test
