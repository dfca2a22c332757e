// What a reviewer would otherwise have to look for: dependencies that run one way, third-party
// headers only where they belong, no clock and no chance in decisions and folds, a README in every
// room.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = ORDERLOG_SOURCE_DIR;

struct Source {
  std::string path;  // from the root
  std::vector<std::string> lines;
};

std::vector<Source> sources(const std::string& room) {
  std::vector<Source> found;
  for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    Source source{fs::relative(entry.path(), root).string(), {}};
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) source.lines.push_back(line);
    found.push_back(std::move(source));
  }
  EXPECT_FALSE(found.empty()) << room;
  return found;
}

std::string first_part(const std::string& path) { return path.substr(0, path.find('/')); }
bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

TEST(Tidy, DependenciesRunOneWay) {
  const std::map<std::string, std::set<std::string>> allowed{
      {"events", {"events", "flatbuffers"}},
      {"engine", {"engine", "events"}},
      {"projections", {"projections", "events"}},
      {"connectors", {"connectors", "engine", "projections", "events"}},
      {"ops", {"ops", "connectors", "engine", "projections", "events"}},
  };
  const std::regex include(R"(^#include \"([a-z_]+/[^\"]+)\")");
  for (const auto& [room, may] : allowed) {
    for (const auto& source : sources(room)) {
      for (const auto& line : source.lines) {
        std::smatch match;
        if (!std::regex_search(line, match, include)) continue;
        EXPECT_TRUE(may.contains(first_part(match[1]))) << source.path << " includes " << match[1];
      }
    }
  }
}

TEST(Tidy, EventsKnowNoEngineInside) {
  const std::regex include(R"(^#include \"([^\"]+)\")");
  for (const auto& source : sources("engine")) {
    if (starts(source.path, "engine/runtime/")) continue;
    for (const auto& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      EXPECT_FALSE(starts(match[1], "engine/runtime/") || starts(match[1], "events/log/"))
          << source.path << " includes " << match[1];
    }
  }
}

// A library is named by the rooms that use it, in .cpp files; headers show it to nobody.
TEST(Tidy, ThirdPartyHeadersStayWhereTheyBelong) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> homes{
      {"rocksdb/", {"events/log/", "engine/runtime/", "projections/store/", "projections/runner/"}},
      {"librdkafka/", {"events/log/kafka/"}},
      {"openssl/", {"events/base/"}},
      {"date/", {"events/base/"}},
      {"xxhash.h", {"events/base/"}},
      {"prometheus/", {"ops/"}},
      {"toml++/", {"ops/"}},
      {"spdlog/", {"ops/"}},
      {"CLI/", {"ops/"}},
      {"boost/beast", {"connectors/"}},
      {"boost/asio", {"connectors/"}},
  };
  const std::regex include(R"(^#include <([^>]+)>)");
  for (const char* room : {"events", "engine", "projections", "connectors", "ops"}) {
    for (const auto& source : sources(room)) {
      for (const auto& line : source.lines) {
        std::smatch match;
        if (!std::regex_search(line, match, include)) continue;
        for (const auto& [header, at_home] : homes) {
          if (!starts(match[1], header)) continue;
          bool home = false;
          for (const auto& folder : at_home) home = home || starts(source.path, folder);
          EXPECT_TRUE(home) << source.path << " includes " << match[1];
        }
      }
    }
  }
}

TEST(Tidy, DecisionsAndFoldsKnowNeitherClockNorChance) {
  const std::regex forbidden(
      R"(system_clock|steady_clock|std::time\b|\brand\(|random_device|mt19937|std::thread|std::mutex|#include <(fstream|iostream)>)");
  const auto check = [&](const Source& source) {
    for (const auto& line : source.lines)
      EXPECT_FALSE(std::regex_search(line, forbidden)) << source.path << ": " << line;
  };
  for (const auto& source : sources("engine")) {
    if (!starts(source.path, "engine/runtime/")) check(source);
  }
  for (const auto& source : sources("projections/models")) check(source);
}

TEST(Tidy, EveryRoomHasAReadmeOfUnderFortyLines) {
  for (const char* room : {"events", "engine", "projections", "connectors"}) {
    for (const auto& entry : fs::directory_iterator(root / room)) {
      if (!entry.is_directory()) continue;
      bool has_source = false;
      for (const auto& file : fs::directory_iterator(entry))
        has_source = has_source || file.path().extension() == ".cpp";
      if (!has_source) continue;
      const fs::path readme = entry.path() / "README.md";
      EXPECT_TRUE(fs::exists(readme) || fs::exists(entry.path().parent_path() / "README.md"))
          << entry.path();
    }
  }
}

TEST(Tidy, NoFileIsCalledHelpers) {
  for (const char* room : {"events", "engine", "projections", "connectors", "ops"}) {
    for (const auto& source : sources(room)) {
      const auto stem = fs::path(source.path).stem().string();
      for (const char* name : {"utils", "util", "helpers", "helper", "common", "manager", "misc"})
        EXPECT_NE(stem, name) << source.path;
    }
  }
}

}  // namespace
