// Customer master data (domain.md C1) and a customer's own order numbers (4.17).
#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

template <class CommandT>
CommandT with_profile() {
  CommandT command;
  command.customer_id = "C-1";
  command.profile = std::make_unique<schema::CustomerProfileT>();
  command.profile->name = "Alfreds";
  command.profile->time_zone = "Europe/Berlin";
  command.profile->currency = schema::Currency::EUR;
  return command;
}
auto sign_up() { return with_profile<schema::RegisterCustomerT>(); }

class Customer : public Scenario<CustomerAggregate>, public ::testing::Test {
 protected:
  Customer() : Scenario("C-1") {}
};

TEST_F(Customer, IsRegisteredOnce) {
  when(sign_up());
  EXPECT_EQ(then<schema::CustomerRegisteredT>().profile->name, "Alfreds");
  EXPECT_EQ(state().status, schema::CustomerStatus::Active);
  EXPECT_EQ(state().registered_at, scenario_start);
  EXPECT_EQ(state().home_version, 1u);
  when(sign_up()).then_rejected(RejectionCode::AlreadyExists, "/customer_id");
}

TEST_F(Customer, NeedsANameACurrencyAndAKnownTimeZone) {
  auto command = sign_up();
  command.profile->name.clear();
  when(command).then_rejected(RejectionCode::InvalidArgument, "/profile/name");
  command = sign_up();
  command.profile->currency = schema::Currency::None;
  when(command).then_rejected(RejectionCode::InvalidArgument, "/profile/currency");
  command = sign_up();
  command.profile->time_zone = "Europe/Atlantis";
  when(command).then_rejected(RejectionCode::InvalidArgument, "/profile/time_zone");
}

TEST_F(Customer, IsInTheCompanysTimeZoneUnlessItSays) {
  policy.time_zone = "Asia/Shanghai";
  auto command = sign_up();
  command.profile->time_zone.clear();
  when(command).then_ignore();
  EXPECT_EQ(state().profile->time_zone, "Asia/Shanghai");
}

TEST_F(Customer, PaymentTermsMustAddUp) {
  auto command = sign_up();
  command.profile->payment_terms = std::make_unique<schema::PaymentTermsT>();
  auto& terms = *command.profile->payment_terms;
  for (const int share : {400'000, 500'000}) {
    terms.instalments.push_back(std::make_unique<schema::InstalmentT>());
    terms.instalments.back()->share_ppm = share;
  }
  const std::string at = "/profile/payment_terms/";
  when(command).then_rejected(RejectionCode::InvalidArgument, at + "instalments");
  terms.instalments[1]->share_ppm = 0;
  when(command).then_rejected(RejectionCode::InvalidArgument, at + "instalments/1/share_ppm");
  terms.instalments[1]->share_ppm = 600'000;
  terms.instalments[0]->days = -1;
  when(command).then_rejected(RejectionCode::InvalidArgument, at + "instalments/0/days");
  terms.instalments[0]->days = 30;
  terms.prepayment_ppm = 1'000'001;
  when(command).then_rejected(RejectionCode::InvalidArgument, at + "prepayment_ppm");
  terms.prepayment_ppm = 0;
  terms.discount_ppm = -1;
  when(command).then_rejected(RejectionCode::InvalidArgument, at + "discount_ppm");
  terms.discount_ppm = 20'000;
  terms.discount_days = 4'000;
  when(command).then_rejected(RejectionCode::InvalidArgument, at + "discount_days");
  terms.discount_days = 10;
  when(command).then<schema::CustomerRegisteredT>();
}

TEST_F(Customer, ChangesWhenItIsThere) {
  auto change = with_profile<schema::ChangeCustomerT>();
  when(change).then_rejected(RejectionCode::NotFound);
  when(sign_up()).then_ignore();
  change.profile->name = "Alfreds Futterkiste";
  when(change).then<schema::CustomerChangedT>();
  EXPECT_EQ(state().profile->name, "Alfreds Futterkiste");
  EXPECT_EQ(state().home_version, 2u);
  change.profile->currency = schema::Currency::None;
  when(change).then_rejected(RejectionCode::InvalidArgument, "/profile/currency");
}

TEST_F(Customer, IsActiveOrNot) {
  schema::DeactivateCustomerT off;
  off.customer_id = "C-1";
  schema::ReactivateCustomerT on;
  on.customer_id = "C-1";
  when(off).then_rejected(RejectionCode::NotFound);
  when(on).then_rejected(RejectionCode::NotFound);
  when(sign_up()).then_ignore();
  when(on).then_rejected(RejectionCode::InvalidTransition);
  when(off).then<schema::CustomerDeactivatedT>();
  EXPECT_EQ(state().status, schema::CustomerStatus::Inactive);
  when(off).then_rejected(RejectionCode::InvalidTransition);
  when(on).then<schema::CustomerReactivatedT>();
  EXPECT_EQ(state().status, schema::CustomerStatus::Active);
}

TEST_F(Customer, AdoptsTheGradeOfItsCreditAccount) {
  schema::AdoptGradeT adopt;
  adopt.customer_id = "C-1";
  adopt.grade = schema::Grade::B;
  when(adopt).then_rejected(RejectionCode::EngineOnly);
  as_system().when(adopt).then_nothing();  // not registered (any more)
  when(sign_up()).then_ignore();
  when(adopt);
  const auto& graded = then<schema::CustomerGradedT>();
  EXPECT_EQ(graded.from, schema::Grade::Unrated);
  EXPECT_EQ(graded.to, schema::Grade::B);
  EXPECT_EQ(state().grade, schema::Grade::B);
  when(adopt).then_nothing();
}

TEST_F(Customer, ACopyFollowsItsOriginalAndNeverGoesBack) {
  schema::CopyCustomerT copy;
  copy.customer_id = "C-1";
  copy.state = std::make_unique<schema::CustomerStateT>();
  copy.state->status = schema::CustomerStatus::Active;
  copy.state->grade = schema::Grade::A;
  copy.state->home_version = 7;
  when(copy).then_rejected(RejectionCode::EngineOnly);
  as_system().when(copy).then<schema::CustomerCopiedT>();
  EXPECT_EQ(state().home_version, 7u);
  EXPECT_EQ(state().grade, schema::Grade::A);
  when(copy).then_nothing();
  copy.state->home_version = 6;
  copy.state->grade = schema::Grade::E;
  when(copy).then_nothing();
  EXPECT_EQ(state().grade, schema::Grade::A);
}

class Reference : public Scenario<ReferenceAggregate>, public ::testing::Test {
 protected:
  Reference() : Scenario("C-1/PO-4711") { as_system(); }
  template <class CommandT>
  static CommandT by(std::string order) {
    CommandT command;
    command.reference_id = "C-1/PO-4711";
    command.order_id = std::move(order);
    return command;
  }
  using Claim = schema::ClaimOrderReferenceT;
  using Release = schema::ReleaseOrderReferenceT;
};

TEST_F(Reference, TheFirstClaimWins) {
  when(by<Claim>("O-1"));
  EXPECT_EQ(then<schema::OrderReferenceClaimedT>().order_id, "O-1");
  when(by<Claim>("O-1")).then_nothing();
  when(by<Claim>("O-2"));
  const auto& refused = then<schema::OrderReferenceRefusedT>();
  EXPECT_EQ(refused.order_id, "O-2");
  EXPECT_EQ(refused.existing_order_id, "O-1");
  EXPECT_EQ(state().order_id, "O-1");
}

TEST_F(Reference, OnlyItsOwnerGivesItBack) {
  when(by<Claim>("O-1")).then_ignore();
  when(by<Release>("O-2")).then_nothing();
  EXPECT_EQ(state().order_id, "O-1");
  when(by<Release>("O-1")).then<schema::OrderReferenceReleasedT>();
  when(by<Release>("O-1")).then_nothing();
  when(by<Claim>("O-2")).then<schema::OrderReferenceClaimedT>();
}

TEST_F(Reference, IsTheEnginesOwnAndNamedByItsCustomer) {
  as("sam", schema::Role::Sales).when(by<Claim>("O-1")).then_rejected(RejectionCode::EngineOnly);
  as_system().when(by<Claim>("")).then_rejected(RejectionCode::InvalidArgument, "/order_id");
  when(by<Release>("")).then_rejected(RejectionCode::InvalidArgument, "/order_id");
  for (const char* id : {"PO-4711", "/PO", "C-1/"}) {
    Scenario<ReferenceAggregate> odd{id};
    odd.as_system()
        .when(by<Claim>("O-1"))
        .then_rejected(RejectionCode::InvalidArgument, "/reference_id");
  }
}

}  // namespace
}  // namespace orderlog::engine::test
