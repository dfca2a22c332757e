#include "events/codec/golden.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "events/base/hash.h"
#include "events/codec/json_writer.h"
#include "events/codec/sample.h"
#include "events/codec/verify_buffer.h"

namespace orderlog::codec {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t line_bytes = 48;  // 96 hexadecimal digits
constexpr std::string_view suffix = ".golden";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool from_hex(std::string_view text, std::vector<std::uint8_t>& bytes) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c != '\n'; });
  if (digits.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = digit(digits[i]);
    const int low = digit(digits[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return true;
}

Result<GoldenFile> read_file(const fs::path& path, bool is_event) {
  GoldenFile file;
  file.path = (is_event ? "events/" : "commands/") + path.filename().string();
  file.is_event = is_event;
  const std::string stem = path.stem().string();  // "OrderHeld.1"
  file.message = stem.substr(0, stem.find('.'));
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t end = text.find('\n');
  if (!in || end == std::string::npos ||
      !from_hex(std::string_view(text).substr(end), file.bytes)) {
    return error(ErrorCode::Corrupt, "not a golden file: " + path.string());
  }
  file.json = text.substr(0, end);
  return file;
}

Status write_file(const fs::path& path, const std::string& text_json,
                  std::span<const std::uint8_t> bytes) {
  std::ofstream out(path, std::ios::binary);
  out << text_json << '\n';
  for (std::size_t at = 0; at < bytes.size(); at += line_bytes) {
    out << to_hex(bytes.subspan(at, std::min(line_bytes, bytes.size() - at))) << '\n';
  }
  out.close();
  if (!out) return error(ErrorCode::Io, "could not write " + path.string());
  return {};
}

std::optional<std::string> difference(const json::value& was, const json::value& is,
                                      const std::string& pointer) {
  if (was.is_object() && is.is_object()) {
    for (const auto& [name, member] : was.as_object()) {
      const std::string at = pointer + "/" + std::string(name);
      const json::value* now = is.as_object().if_contains(name);
      if (now == nullptr) return at + " is gone";
      if (auto found = difference(member, *now, at)) return found;
    }
    return std::nullopt;
  }
  if (was.is_array() && is.is_array() && was.as_array().size() == is.as_array().size()) {
    for (std::size_t i = 0; i < was.as_array().size(); ++i) {
      auto found =
          difference(was.as_array()[i], is.as_array()[i], pointer + "/" + std::to_string(i));
      if (found) return found;
    }
    return std::nullopt;
  }
  if (was == is) return std::nullopt;
  return pointer + ": was " + json::serialize(was) + ", is " + json::serialize(is);
}

}  // namespace

Result<std::vector<GoldenFile>> read_golden(const std::string& folder) {
  std::vector<GoldenFile> files;
  for (const bool is_event : {true, false}) {
    std::error_code none;
    const fs::path part = fs::path(folder) / (is_event ? "events" : "commands");
    for (const fs::directory_entry& entry : fs::directory_iterator(part, none)) {
      if (entry.path().extension() != suffix) continue;
      Result<GoldenFile> file = read_file(entry.path(), is_event);
      if (!file.ok()) return std::move(file).error();
      files.push_back(std::move(file).value());
    }
  }
  std::sort(files.begin(), files.end(),
            [](const GoldenFile& a, const GoldenFile& b) { return a.path < b.path; });
  return files;
}

Result<int> write_golden(const std::string& folder, bool start_over) {
  std::error_code failed;
  for (const char* part : {"events", "commands"}) {
    if (start_over) fs::remove_all(fs::path(folder) / part, failed);
    fs::create_directories(fs::path(folder) / part, failed);
    if (failed) return error(ErrorCode::Io, folder + ": " + failed.message());
  }
  const Result<std::vector<GoldenFile>> old = read_golden(folder);
  if (!old.ok()) return old.error();
  int written = 0;
  const auto write_one = [&](const MessageInfo& message, bool is_event) -> Status {
    flatbuffers::FlatBufferBuilder builder;
    is_event ? build_sample_event(builder, message) : build_sample_command(builder, message);
    const std::vector<std::uint8_t> bytes(builder.GetBufferPointer(),
                                          builder.GetBufferPointer() + builder.GetSize());
    int number = 1;
    for (const GoldenFile& file : *old) {
      if (file.is_event != is_event || file.message != message.name) continue;
      if (file.bytes == bytes) return {};
      ++number;
    }
    const Result<std::string> text = golden_json(is_event, bytes);
    if (!text.ok()) return text.error();
    ++written;
    const std::string name = std::string(message.name) + "." + std::to_string(number);
    return write_file(
        fs::path(folder) / (is_event ? "events" : "commands") / (name + std::string(suffix)), *text,
        bytes);
  };
  const SchemaRegistry& registry = SchemaRegistry::builtin();
  for (const bool is_event : {true, false}) {
    for (const MessageInfo& message : is_event ? registry.events() : registry.commands()) {
      if (Status done = write_one(message, is_event); !done.ok()) return std::move(done).error();
    }
  }
  return written;
}

Result<std::string> golden_json(bool is_event, const std::vector<std::uint8_t>& bytes) {
  std::string text;
  if (is_event) {
    const Result<VerifiedEnvelope> event = verify_envelope(bytes);
    if (!event.ok()) return event.error();
    write_envelope(text, event->root());
  } else {
    const Result<VerifiedCommand> command = verify_command(bytes);
    if (!command.ok()) return command.error();
    write_command(text, command->root());
  }
  return text;
}

std::optional<std::string> golden_difference(std::string_view was, std::string_view is) {
  json::error_code failed;
  const json::value old_value = json::parse({was.data(), was.size()}, failed);
  if (failed) return "the golden JSON cannot be read: " + failed.message();
  const json::value new_value = json::parse({is.data(), is.size()}, failed);
  if (failed) return "the new JSON cannot be read: " + failed.message();
  return difference(old_value, new_value, "");
}

}  // namespace orderlog::codec
