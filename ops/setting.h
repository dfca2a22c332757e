// One setting of the TOML file: its name, how it is taken from the file and how it is printed.
// Only for what reads the configuration.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "events/base/result.h"

namespace orderlog::ops {

struct Setting {
  std::string name;                                    // "section.key"
  std::function<std::string(const toml::node&)> take;  // empty: taken; else what is wrong
  std::function<std::string()> print;
};

inline constexpr std::int64_t bytes_most = 64LL * 1024 * 1024 * 1024;

// The value must outlive the setting.
template <class Int>
Setting integer(std::string name, Int& value, std::int64_t least, std::int64_t most) {
  return {std::move(name),
          [&value, least, most](const toml::node& node) -> std::string {
            const auto given = node.value_exact<std::int64_t>();
            if (!given) return "an integer is expected";
            if (*given < least || *given > most) {
              return "must lie between " + std::to_string(least) + " and " + std::to_string(most);
            }
            value = static_cast<Int>(*given);
            return {};
          },
          [&value] { return std::to_string(value); }};
}
Setting boolean(std::string name, bool& value);
// `check`: empty, or what is wrong.
Setting text(std::string name, std::string& value,
             std::function<std::string(const std::string&)> check);

std::function<std::string(const std::string&)> one_of(std::set<std::string> allowed);
std::string not_empty(const std::string& given);
std::string any_text(const std::string& given);

// "orderlog.toml:12: <what>".
Error at(const std::string& path, const toml::node& node, const std::string& what);

// Takes one entry of a section. Errors: InvalidArgument (unknown, or a wrong value).
Status take_setting(const std::string& path, const std::string& name, const toml::node& node,
                    const std::vector<Setting>& settings);

}  // namespace orderlog::ops
