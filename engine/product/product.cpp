// Product master data and prices (domain.md 4.5): one writer on the product's home partition,
// copies on all others. Must hold: 1. every price is above zero, in a known currency; 2. a rule's
// id is there once; 3. a discontinued product no longer changes; 4. a copy never goes back to an
// older version of its original.
#include <algorithm>

#include "engine/aggregates.h"
#include "engine/product/checks.h"

namespace orderlog::engine {

namespace {

using schema::ProductEvent;
using schema::ProductStateT;
using schema::ProductStatus;
using ProductDecision = Decision<schema::ProductEventUnion>;
using Rules = std::vector<std::unique_ptr<schema::PriceRuleT>>;

Rejected engine_only() {
  return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
}

// Rejected unless the product can still be changed.
std::optional<Rejected> check_active(const ProductStateT& product) {
  switch (product.status) {
    case ProductStatus::Active:
      return std::nullopt;
    case ProductStatus::None:
      return reject(RejectionCode::NotFound, "no such product");
    case ProductStatus::Discontinued:
      break;
  }
  return reject(RejectionCode::InvalidTransition, "the product is discontinued");
}

auto find_rule(const Rules& rules, std::string_view rule_id) {
  return std::find_if(rules.begin(), rules.end(),
                      [&](const auto& rule) { return rule->rule_id == rule_id; });
}

ProductDecision define(const ProductStateT& product, const schema::DefineProduct& command,
                       const Context& context) {
  if (product.status != ProductStatus::None) {
    return reject(RejectionCode::AlreadyExists, "this product is defined already", "/product_id");
  }
  // The id is the sku of its stock items, whose names are sku@location.
  if (context.aggregate_id.empty() || context.aggregate_id.find('@') != std::string_view::npos) {
    return reject(RejectionCode::InvalidArgument, "a product's id is not empty and has no '@'",
                  "/product_id");
  }
  if (auto fault = product::check_profile(command.profile())) return Rejected{std::move(*fault)};
  schema::ProductDefinedT event;
  event.profile.reset(command.profile()->UnPack());
  const auto* price = command.base_price();
  if (price != nullptr && (price->mantissa() != 0 || price->currency() != schema::Currency::None)) {
    if (auto fault = product::check_price(*price, "/base_price"))
      return Rejected{std::move(*fault)};
    event.base_price = *price;
  }
  ProductDecision decision;
  decision.add(std::move(event));
  return decision;
}

ProductDecision change(const ProductStateT& product, const schema::ChangeProduct& command) {
  if (auto no = check_active(product)) return std::move(*no);
  if (auto fault = product::check_profile(command.profile())) return Rejected{std::move(*fault)};
  schema::ProductChangedT event;
  event.profile.reset(command.profile()->UnPack());
  ProductDecision decision;
  decision.add(std::move(event));
  return decision;
}

ProductDecision set_price(const ProductStateT& product, const schema::SetPrice& command,
                          const Context& context) {
  if (auto no = check_active(product)) return std::move(*no);
  if (auto fault = product::check_rule(command.rule())) return Rejected{std::move(*fault)};
  const std::string_view id = command.rule()->rule_id()->string_view();
  if (product.prices.size() >= product::price_rules_max &&
      find_rule(product.prices, id) == product.prices.end()) {
    return reject(RejectionCode::LimitExceeded, "too many price rules on this product", "/rule");
  }
  schema::PriceSetT event;
  event.rule.reset(command.rule()->UnPack());
  // Newer rules win over older ones, so only the past may say itself when it was.
  if (context.authority != schema::Authority::Import || event.rule->set_at == 0) {
    event.rule->set_at = context.occurred_at;
  }
  ProductDecision decision;
  decision.add(std::move(event));
  return decision;
}

ProductDecision remove_price(const ProductStateT& product, const schema::RemovePrice& command) {
  if (auto no = check_active(product)) return std::move(*no);
  schema::PriceRemovedT event;
  event.rule_id = flatbuffers::GetString(command.rule_id());
  if (find_rule(product.prices, event.rule_id) == product.prices.end()) {
    return reject(RejectionCode::NotFound, "no such price rule", "/rule_id");
  }
  ProductDecision decision;
  decision.add(std::move(event));
  return decision;
}

ProductDecision discontinue(const ProductStateT& product,
                            const schema::DiscontinueProduct& command) {
  if (auto no = check_active(product)) return std::move(*no);
  schema::ProductDiscontinuedT event;
  event.reason = flatbuffers::GetString(command.reason());
  ProductDecision decision;
  decision.add(std::move(event));
  return decision;
}

ProductDecision copy(const ProductStateT& product, const schema::CopyProduct& command,
                     const Context& context) {
  if (context.authority != schema::Authority::System) return engine_only();
  ProductDecision decision;
  const auto* original = command.state();
  if (original == nullptr || original->home_version() <= product.home_version) return decision;
  schema::ProductCopiedT event;
  event.state.reset(original->UnPack());
  decision.add(std::move(event));
  return decision;
}

void put_rule(ProductStateT& product, std::unique_ptr<schema::PriceRuleT> rule) {
  const auto found = find_rule(product.prices, rule->rule_id);
  if (found == product.prices.end()) {
    product.prices.push_back(std::move(rule));
  } else {
    product.prices[static_cast<std::size_t>(found - product.prices.begin())] = std::move(rule);
  }
}

void fold_defined(ProductStateT& product, const schema::ProductDefined& event,
                  const EventMeta& meta) {
  product.status = ProductStatus::Active;
  if (event.profile() != nullptr) product.profile.reset(event.profile()->UnPack());
  if (event.base_price() == nullptr || event.base_price()->mantissa() == 0) return;
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = product::base_rule_id;
  rule->level = schema::PriceLevel::Base;
  rule->unit_price = *event.base_price();
  rule->set_at = meta.occurred_at;
  put_rule(product, std::move(rule));
}

}  // namespace

Decision<schema::ProductEventUnion> decide(const ProductStateT& product,
                                           const schema::ProductCommands& commands,
                                           const Context& context) {
  using schema::ProductCommand;
  switch (commands.command_type()) {
    case ProductCommand::DefineProduct:
      return define(product, *commands.command_as_DefineProduct(), context);
    case ProductCommand::ChangeProduct:
      return change(product, *commands.command_as_ChangeProduct());
    case ProductCommand::SetPrice:
      return set_price(product, *commands.command_as_SetPrice(), context);
    case ProductCommand::RemovePrice:
      return remove_price(product, *commands.command_as_RemovePrice());
    case ProductCommand::DiscontinueProduct:
      return discontinue(product, *commands.command_as_DiscontinueProduct());
    case ProductCommand::CopyProduct:
      return copy(product, *commands.command_as_CopyProduct(), context);
    case ProductCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a product");
}

void evolve(ProductStateT& product, const schema::ProductEvents& events, const EventMeta& meta) {
  switch (events.event_type()) {
    case ProductEvent::ProductDefined:
      fold_defined(product, *events.event_as_ProductDefined(), meta);
      break;
    case ProductEvent::ProductChanged:
      if (const auto* profile = events.event_as_ProductChanged()->profile()) {
        product.profile.reset(profile->UnPack());
      }
      break;
    case ProductEvent::PriceSet:
      if (const auto* rule = events.event_as_PriceSet()->rule()) {
        put_rule(product, std::unique_ptr<schema::PriceRuleT>(rule->UnPack()));
      }
      break;
    case ProductEvent::PriceRemoved: {
      const auto id = flatbuffers::GetString(events.event_as_PriceRemoved()->rule_id());
      const auto found = find_rule(product.prices, id);
      if (found != product.prices.end()) product.prices.erase(found);
      break;
    }
    case ProductEvent::ProductDiscontinued:
      product.status = ProductStatus::Discontinued;
      break;
    case ProductEvent::ProductCopied: {
      const auto* original = events.event_as_ProductCopied()->state();
      if (original == nullptr) return;
      product = ProductStateT{};
      original->UnPackTo(&product);
      return;  // the version at home came with it
    }
    case ProductEvent::NONE:
      return;
  }
  product.home_version = meta.version;
}

std::optional<TimestampUs> next_deadline(const ProductStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
