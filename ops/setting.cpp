#include "ops/setting.h"

#include <algorithm>
#include <sstream>

namespace orderlog::ops {

Setting boolean(std::string name, bool& value) {
  return {std::move(name),
          [&value](const toml::node& node) -> std::string {
            const auto given = node.value_exact<bool>();
            if (!given) return "true or false is expected";
            value = *given;
            return {};
          },
          [&value] { return value ? "true" : "false"; }};
}

Setting text(std::string name, std::string& value,
             std::function<std::string(const std::string&)> check) {
  return {std::move(name),
          [&value, check = std::move(check)](const toml::node& node) -> std::string {
            const auto given = node.value_exact<std::string>();
            if (!given) return "a text is expected";
            if (auto wrong = check(*given); !wrong.empty()) return wrong;
            value = *given;
            return {};
          },
          [&value] { return '"' + value + '"'; }};
}

std::function<std::string(const std::string&)> one_of(std::set<std::string> allowed) {
  return [allowed = std::move(allowed)](const std::string& given) -> std::string {
    if (allowed.contains(given)) return {};
    std::string list;
    for (const auto& name : allowed) list += (list.empty() ? "" : ", ") + name;
    return "must be one of " + list;
  };
}

std::string not_empty(const std::string& given) { return given.empty() ? "must not be empty" : ""; }

std::string any_text(const std::string&) { return {}; }

Error at(const std::string& path, const toml::node& node, const std::string& what) {
  std::ostringstream where;
  where << path << ':' << node.source().begin.line << ": " << what;
  return error(ErrorCode::InvalidArgument, where.str());
}

Status take_setting(const std::string& path, const std::string& name, const toml::node& node,
                    const std::vector<Setting>& settings) {
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name == name; });
  if (found == settings.end()) return at(path, node, "unknown setting " + name);
  if (auto wrong = found->take(node); !wrong.empty()) return at(path, node, name + ": " + wrong);
  return Status();
}

}  // namespace orderlog::ops
