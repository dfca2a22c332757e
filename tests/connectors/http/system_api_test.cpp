// What explains and watches the service.
#include "connectors/http/problem.h"
#include "tests/connectors/http/test_node.h"

namespace orderlog::http {
namespace {

TEST(SystemApi, Health) {
  TestNode node;
  auto client = node.client();
  EXPECT_EQ(client.get("/livez")->body, "ok\n");
  auto not_ready = client.get("/readyz");
  EXPECT_EQ(not_ready->status, 503);
  EXPECT_NE(not_ready->body.find("[-] moon: new"), std::string::npos);
  EXPECT_EQ(not_ready->body.find("engine"), std::string::npos);
  auto verbose = client.get("/readyz?verbose&exclude=moon");
  EXPECT_EQ(verbose->status, 200);
  EXPECT_EQ(verbose->body, "[+] engine\n[ ] moon excluded\nready\n");
}

TEST(SystemApi, MetricsAndStartPage) {
  TestNode node;
  auto client = node.client();
  auto metrics = client.get("/metrics");
  EXPECT_EQ(metrics->header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(metrics->body.find("up 1"), std::string::npos);
  auto page = client.get("/");
  EXPECT_EQ(page->status, 200);
  EXPECT_NE(page->body.find("/openapi.json"), std::string::npos);
}

TEST(SystemApi, EveryProblemTypeHasAPage) {
  TestNode node;
  auto client = node.client();
  for (std::size_t i = 0; i < problem_types; ++i) {
    const ProblemInfo& info = info_of(static_cast<ProblemType>(i));
    EXPECT_EQ(client.get("/problems/" + std::string(info.code))->status, 200) << info.code;
  }
  EXPECT_EQ(client.get("/problems/none")->status, 404);
}

// Every path of the document is there, with the methods it says.
TEST(SystemApi, TheDocumentDescribesWhatIsThere) {
  TestNode node;
  auto client = node.client();
  const auto document = json_of(client.get("/openapi.json"));
  EXPECT_EQ(text_at(document, "openapi"), "3.1.0");
  std::size_t commands = 0;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    std::string target(path);
    for (auto open = target.find('{'); open != target.npos; open = target.find('{')) {
      target.replace(open, target.find('}') - open + 1, "x");
    }
    if (target.starts_with("/v1/commands/")) ++commands;
    for (const auto& [method, unused] : item.as_object()) {
      if (target == "/v1/stream") continue;
      auto response = method == "post" ? client.post(target, "{}") : client.get(target);
      ASSERT_TRUE(response.ok()) << target;
      EXPECT_NE(response->status, 405) << method << " " << target;
      EXPECT_EQ(response->body.find("no-such-route"), std::string::npos) << target;
      EXPECT_EQ(response->body.find("unknown-command"), std::string::npos) << target;
    }
  }
  EXPECT_GT(commands, 60U);
  EXPECT_FALSE(document.at("paths").as_object().contains("/v1/commands/ExpireHolds"));
}

}  // namespace
}  // namespace orderlog::http
