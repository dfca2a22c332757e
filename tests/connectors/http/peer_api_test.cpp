// The route between nodes, as seen by somebody who may be no node at all.
#include "connectors/http/peer_api.h"

#include <random>

#include "connectors/http/peer_codec.h"
#include "events/codec/json_reader.h"
#include "events/schema/envelope_generated.h"
#include "tests/connectors/http/test_cluster.h"

namespace orderlog::http {
namespace {

using runtime::Answer;
using runtime::Outcome;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t padding_max = 7;

Bytes bytes_of(const flatbuffers::FlatBufferBuilder& built) {
  return {built.GetBufferPointer(), built.GetBufferPointer() + built.GetSize()};
}

Bytes receive(std::string_view item, std::uint64_t number,
              const std::function<void(codec::CommandMeta&)>& change = {}) {
  codec::CommandMeta meta;
  meta.command_id = Uuid(7, number);
  meta.actor = "tester";
  if (change) change(meta);
  flatbuffers::FlatBufferBuilder built;
  EXPECT_TRUE(codec::build_command(built, "ReceiveStock", receive_stock(item), meta));
  return bytes_of(built);
}

std::string request_of(const std::vector<Bytes>& commands, std::string_view log = "orders") {
  const std::vector<CommandBytes> views(commands.begin(), commands.end());
  flatbuffers::FlatBufferBuilder built;
  write_peer_request(built, log, views);
  return {reinterpret_cast<const char*>(built.GetBufferPointer()), built.GetSize()};
}

// A node that leads partition 1.
struct Leader {
  Leader() { node.take(1); }

  Result<client::Response> post(std::string_view body, std::string_view type = peer_media_type) {
    return client.request({"POST", peer_path, body, type, {}});
  }
  std::vector<Answer> ask(const std::vector<Bytes>& commands) {
    const auto response = post(request_of(commands));
    EXPECT_TRUE(response.ok() && response->status == 200);
    EXPECT_EQ(response->header("content-type"), peer_media_type);
    const auto read = read_peer_response(response->body);
    EXPECT_TRUE(read.ok());
    std::vector<Answer> answers;
    for (const auto& answer : *read) answers.push_back(*answer);
    EXPECT_EQ(answers.size(), commands.size());
    return answers;
  }
  std::uint64_t events() { return log->durable_end(PartitionId(1)).last_seq.value; }

  std::unique_ptr<log::MemoryLog> log = shared_log();
  ClusterNode node{*log};
  client::HttpClient client = node.client();
};

TEST(PeerApi, CommandsAreDecidedInTheirOrderAndAnsweredTogether) {
  Leader leader;
  std::vector<Bytes> commands;
  for (std::uint64_t i = 0; i < 300; ++i) {
    commands.push_back(
        receive(item_on(1), i, [i](codec::CommandMeta& meta) { meta.expected_version = i; }));
  }
  const auto answers = leader.ask(commands);
  for (std::uint64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(answers[i].outcome, Outcome::Accepted);
    EXPECT_EQ(answers[i].version, i + 1);
    EXPECT_EQ(answers[i].command_id, Uuid(7, i));
    EXPECT_EQ(answers[i].events.size(), 1U);
  }
  EXPECT_TRUE(leader.ask({commands[0]})[0].replayed);
  EXPECT_EQ(leader.node.peer_api().commands, 301U);
  EXPECT_EQ(leader.node.peer_api().requests, 2U);
}

TEST(PeerApi, WhatIsNotLedHereIsNotForwardedFromHere) {
  Leader leader;
  ClusterNode other(*leader.log);
  other.take(0);
  leader.node.see(other, 0);
  const auto answers = leader.ask({receive(item_on(0), 1), receive(item_on(1), 2)});
  EXPECT_EQ(answers[0].outcome, Outcome::NotLeading);
  EXPECT_EQ(answers[0].leader_address, other.address());
  EXPECT_EQ(answers[1].outcome, Outcome::Accepted);
  EXPECT_EQ(other.peer_api().requests, 0U);
  EXPECT_EQ(leader.node.forwarder().stats().requests, 0U);
}

TEST(PeerApi, OneUnfitCommandSpoilsNoOther) {
  Leader leader;
  using Meta = codec::CommandMeta;
  Bytes broken = receive(item_on(1), 3);
  broken.resize(broken.size() / 2);
  flatbuffers::FlatBufferBuilder copied;
  Meta meta;
  meta.command_id = Uuid(7, 9);
  meta.actor = "tester";
  ASSERT_TRUE(
      codec::build_command(copied, "CopyProduct", R"({"product_id":"P","state":{}})", meta));
  Bytes unmarked = receive(item_on(1), 5);
  auto* envelope = flatbuffers::GetMutableRoot<flatbuffers::Table>(unmarked.data());
  envelope->SetField<std::uint64_t>(schema::CommandEnvelope::VT_FINGERPRINT, 0, 0);
  const auto answers = leader.ask({
      receive(item_on(1), 1),
      receive(item_on(1), 2, [](Meta& m) { m.authority = schema::Authority::System; }),
      broken,
      receive(item_on(1), 4, [](Meta& m) { m.actor = "a\nb"; }),
      unmarked,
      receive(item_on(1), 0, [](Meta& m) { m.command_id = Uuid(); }),
      receive(item_on(1), 6, [](Meta& m) { m.role = static_cast<schema::Role>(200); }),
      receive(item_on(1), 7, [](Meta& m) { m.occurred_at = INT64_MIN; }),
      {},
      bytes_of(copied),
      receive(item_on(1), 8),
  });
  const char* pointers[] = {nullptr, "/authority",   "", "/actor", "/fingerprint", "/command_id",
                            "/role", "/occurred_at", "", "",       nullptr};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (pointers[i] == nullptr) {
      EXPECT_EQ(answers[i].outcome, Outcome::Accepted) << i;
      continue;
    }
    ASSERT_EQ(answers[i].outcome, Outcome::Rejected) << i;
    EXPECT_EQ(answers[i].rejection->pointer, pointers[i]) << i;
  }
  EXPECT_EQ(answers[9].rejection->code, engine::RejectionCode::EngineOnly);
  EXPECT_EQ(answers[10].version, 2U);
  EXPECT_EQ(leader.node.peer_api().commands_refused, 8U);
}

TEST(PeerApi, BadRequestsAreProblemsAndDecideNothing) {
  Leader leader;
  const std::string good = request_of({receive(item_on(1), 1)});
  const auto before = leader.events();
  for (std::size_t length = 0; length < good.size() - padding_max; ++length) {
    const auto refused = leader.post(std::string_view(good).substr(0, length));
    ASSERT_TRUE(refused.ok());
    // No body at all has no type.
    EXPECT_EQ(refused->status, length == 0 ? 415 : 400) << length;
    if (length > 0) {
      EXPECT_EQ(problem_code(refused), "malformed-flatbuffer");
    }
  }
  EXPECT_EQ(problem_code(leader.post(good, "application/json")), "unsupported-media-type");
  EXPECT_EQ(problem_code(leader.post(request_of({}))), "malformed-flatbuffer");
  EXPECT_EQ(problem_code(leader.post(request_of({receive(item_on(1), 1)}, "another log"))),
            "not-leading");
  const std::vector<Bytes> many(peer_commands_max + 1, Bytes(1, 1));
  EXPECT_EQ(problem_code(leader.post(request_of(many))), "too-many-rows");
  EXPECT_EQ(leader.events(), before);
  const auto large = leader.post(std::string(peer_request_bytes_max + 1, 'x'));
  EXPECT_EQ(large->status, 413);
  EXPECT_EQ(leader.post(good)->status, 200);
  EXPECT_EQ(leader.events(), before + 1);
  // The larger limit is for this type alone.
  EXPECT_EQ(leader.post(std::string(2 * 1024 * 1024, 'x'), "application/json")->status, 413);
}

// Whatever arrives is answered, and the node lives: here, the bytes of commands are altered too.
TEST(PeerApi, AlteredBytesDoNoHarm) {
  Leader leader;
  std::mt19937_64 random(20'240'229);
  std::size_t taken = 0;
  for (std::uint64_t round = 0; round < 3'000; ++round) {
    std::string body = request_of({receive(item_on(1), round), receive(item_on(0), round)});
    for (int i = 0; i < 3; ++i) body[random() % body.size()] = static_cast<char>(random());
    const auto response = leader.post(body);
    ASSERT_TRUE(response.ok()) << response.error().message;
    ASSERT_TRUE(response->status == 200 || response->status == 400 || response->status == 503)
        << response->body;
    if (response->status != 200) continue;
    ASSERT_TRUE(read_peer_response(response->body).ok());
    ++taken;
  }
  EXPECT_GT(taken, 100U);
  EXPECT_EQ(leader.ask({receive(item_on(1), 1'000'000)})[0].outcome, Outcome::Accepted);
  EXPECT_FALSE(leader.node.engine().failed);
}

TEST(PeerApi, ItIsNoPartOfThePublicDescription) {
  TestNode node;
  const auto described = node.client().get("/openapi.json");
  ASSERT_EQ(described->status, 200);
  EXPECT_EQ(described->body.find("/v1/peer"), std::string::npos);
  EXPECT_EQ(described->body.find("PeerAnswer"), std::string::npos);
}

}  // namespace
}  // namespace orderlog::http
