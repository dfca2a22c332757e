// receivables_ageing of any day is what the log of that day says: against random books.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <functional>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/receivables.h"
#include "tests/projections/receivables_books.h"

namespace orderlog::projections::test {
namespace {

using Row = schema::ReceivablesAgeingRowT;
using Step = std::function<void(Books&)>;

constexpr int customers = 3;
constexpr int invoices = 12;

// Steps in the order of their days.
std::vector<std::pair<Day, Step>> some_history() {
  std::vector<std::pair<Day, Step>> history;
  Day at = day("2024-01-01");
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    at += *rc::gen::inRange(0, 25);
    const int number = *rc::gen::inRange(0, invoices);
    const std::string id = "I-" + std::to_string(number);
    const std::string customer = "C-" + std::to_string(number % customers);
    const int kind = *rc::gen::inRange(0, 9);
    const std::int64_t minor = *rc::gen::inRange<std::int64_t>(1, 500);
    const int term = *rc::gen::inRange(0, 60);
    history.emplace_back(at, [=](Books& books) {
      const bool issued = books.issued(id);
      const std::int64_t open = issued ? books.open(id) : 0;
      switch (kind) {
        case 0:
        case 1:
        case 2:
          if (!issued) {
            books.issue(id, customer, {{at + term, minor}, {at + term + 30, 2 * minor}}, minor);
          }
          return;
        case 3:
        case 4:
          if (open > 0) books.pay(id, std::min(open, minor));
          return;
        case 5:
          if (open > 0) books.credit(id, std::min(open, minor));
          return;
        case 6:
          if (open > 0) books.dispute(id);
          return;
        case 7:
          if (open > 0) books.remind(id, static_cast<std::uint32_t>(minor % 3 + 1));
          return;
        default:
          books.unapplied(customer, minor % 2 ? minor : -books.credit_of(customer));
      }
    });
  }
  return history;
}

void play(World& world, const std::vector<std::pair<Day, Step>>& history, Day until,
          bool step_by_step = false) {
  Books books(world.written);
  for (const auto& [at, step] : history) {
    if (at > until) break;
    books.on(at);
    step(books);
    if (step_by_step) world.catch_up();
  }
  world.catch_up();
}

std::string as_text(const Row& row) {
  std::string text = row.customer_id + " " + day_to_text(row.as_of);
  for (const Money& amount :
       {row.total, row.not_due, row.days_1_30, row.days_31_60, row.days_61_90, row.days_91_120,
        row.days_over_120, row.disputed, row.unapplied_credit, row.base_total}) {
    text += " " + std::to_string(amount.minor());
  }
  text += " level " + std::to_string(row.dunning_level) + " dso ";
  return text + (row.dso_days ? std::to_string(*row.dso_days) : "none");
}

// Customers of whom nothing was heard by then are rows of zeros in the one and none in the other.
std::vector<std::string> texts(World& world, const Parameters& parameters) {
  std::vector<std::string> result;
  for (const Row& row : world.rows<Row>("receivables_ageing", parameters, 2)) {
    if (row.last_posted) result.push_back(as_text(row));
  }
  return result;
}

RC_GTEST_PROP(ReceivablesBooks, AsOfADayIsTheLogOfThatDay, ()) {
  const auto history = some_history();
  World whole({receivables_model()}, 3);
  play(whole, history, history.back().first);
  const Day as_of = *rc::gen::inRange(history.front().first, history.back().first + 40);
  World cut({receivables_model()}, 3);
  play(cut, history, as_of);
  cut.written.now = as_of * us_per_day + 13 * us_per_hour;

  for (const char* by : {"customer", "total"}) {
    const Parameters of_day{{"by", by}, {"as_of", day_to_text(as_of)}};
    auto expected = texts(cut, {{"by", by}});
    std::vector<std::string> known;
    for (const std::string& text : texts(whole, of_day)) {
      if (text.find(" 0 0 0 0 0 0 0 0 0 0 level 0 dso none") == std::string::npos) {
        known.push_back(text);
      }
    }
    std::erase_if(expected, [](const std::string& text) {
      return text.find(" 0 0 0 0 0 0 0 0 0 0 level 0 dso none") != std::string::npos;
    });
    RC_ASSERT(known == expected);
    // The same from the ledger alone: what the items say is what the postings say.
    RC_ASSERT(texts(cut, of_day) == texts(cut, {{"by", by}}));
  }
}

// The total is the sum of the customers on any day, whatever the partitions' order.
RC_GTEST_PROP(ReceivablesBooks, TheCustomersSumToTheTotal, ()) {
  const auto history = some_history();
  World world({receivables_model()}, 3);
  play(world, history, history.back().first);
  const Day as_of = *rc::gen::inRange(history.front().first - 1, history.back().first + 150);
  const std::string date = day_to_text(as_of);
  std::array<std::int64_t, 10> sums{};
  const auto columns = [](const Row& row) {
    return std::array<std::int64_t, 10>{
        row.total.minor(),         row.not_due.minor(),    row.days_1_30.minor(),
        row.days_31_60.minor(),    row.days_61_90.minor(), row.days_91_120.minor(),
        row.days_over_120.minor(), row.disputed.minor(),   row.unapplied_credit.minor(),
        row.base_total.minor()};
  };
  for (const Row& row : world.rows<Row>("receivables_ageing", {{"as_of", date}})) {
    const auto values = columns(row);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
  }
  const auto total = world.rows<Row>("receivables_ageing", {{"as_of", date}, {"by", "total"}});
  RC_ASSERT(total.size() <= 1U);
  if (!total.empty()) RC_ASSERT(columns(total.front()) == sums);
}

// One partition after the other, or all of them side by side.
RC_GTEST_PROP(ReceivablesBooks, RowsDoNotDependOnThePartitionsOrder, ()) {
  const auto history = some_history();
  World at_once({receivables_model()}, 3), stepwise({receivables_model()}, 3);
  play(at_once, history, history.back().first);
  play(stepwise, history, history.back().first, true);
  RC_ASSERT(at_once.runner->state_hash("receivables").value() ==
            stepwise.runner->state_hash("receivables").value());
}

}  // namespace
}  // namespace orderlog::projections::test
