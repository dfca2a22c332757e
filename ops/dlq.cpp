// `orderlog dlq list` and `show`: what lies on the dead letter topic, and why.
#include <algorithm>
#include <cstdio>

#include "connectors/kafka/media_type.h"
#include "events/codec/json_tape.h"
#include "events/codec/json_text.h"
#include "events/codec/json_writer.h"
#include "ops/commands.h"
#include "ops/dead_letter_topic.h"
#include "ops/pretty_json.h"
#include "ops/record_line.h"

namespace orderlog::ops {
namespace {

using kafka::Bytes;
using kafka::RecordView;

constexpr std::size_t reasons_told_max = 20;
constexpr std::size_t reasons_kept_max = 10'000;
constexpr std::size_t hex_bytes_max = 4'096;  // of a value that is shown so
constexpr std::size_t hex_bytes_in_line = 16;

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

bool is_line(std::string_view text) {
  return codec::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return (static_cast<unsigned char>(c) < 0x20) || c == '\x7F';
         });
}

// For people, on one line.
std::string shown(Bytes bytes) {
  if (bytes.data() == nullptr) return "(null)";
  const auto text = kafka::as_text(bytes);
  return is_line(text) ? std::string(text) : "0x" + hex(bytes);
}
std::string shown(std::string_view text) {
  return shown(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

// ---- list ---------------------------------------------------------------------------------------

std::string replayed_text(const Replay& replay) {
  return timestamp_to_text(replay.at) + " by " + shown(replay.by);
}

std::string letter_line(const TopicPlace& place, const kafka::DeadLetter& letter,
                        const Replay* replay) {
  const RecordView& original = letter.original;
  std::string line = to_string(place) + "  " + timestamp_to_text(letter.at) + "  from " +
                     shown(original.topic) + " " + std::to_string(original.partition) + ":" +
                     std::to_string(original.offset) + "  key " + shown(original.key) + "  " +
                     std::to_string(original.value.size()) + " bytes  ";
  if (replay != nullptr) line += "replayed " + replayed_text(*replay) + "  ";
  return line + shown(letter.reason) + "\n";
}

class JsonLine {
 public:
  void text(std::string_view name, std::string_view value) {
    begin(name);
    codec::append_json_text(out_, value);
  }
  void number(std::string_view name, std::int64_t value) {
    begin(name);
    codec::append_integer(out_, value);
  }
  std::string line() && { return std::move(out_) + "}\n"; }

 private:
  void begin(std::string_view name) {
    out_.append(out_.empty() ? "{\"" : ",\"").append(name).append("\":");
  }
  std::string out_;
};

std::string letter_json(const TopicPlace& place, const kafka::DeadLetter& letter,
                        const Replay* replay) {
  const RecordView& original = letter.original;
  JsonLine json;
  json.text("position", to_string(place));
  json.text("time", timestamp_to_text(letter.at));
  json.text("topic", original.topic);
  json.number("partition", original.partition);
  json.number("offset", original.offset);
  json.text("reason", letter.reason);
  const auto key = kafka::as_text(original.key);
  if (key.data() != nullptr && codec::is_utf8(key)) json.text("key", key);
  if (key.data() != nullptr && !codec::is_utf8(key)) json.text("key_hex", hex(original.key));
  json.number("bytes", static_cast<std::int64_t>(original.value.size()));
  json.text("engine_version", letter.engine_version);
  if (replay != nullptr) {
    json.text("replayed_at", timestamp_to_text(replay->at));
    json.text("replayed_by", replay->by);
  }
  return std::move(json).line();
}

class List {
 public:
  List(DeadLetterTopic& topic, const DlqListOptions& options) : topic_(topic), options_(options) {}

  Status run(TopicPlace from) {
    for (; from.partition < topic_.partition_count() && !more_; from = {from.partition + 1, 0}) {
      auto replays = topic_.replays(from);
      if (!replays) return replays.error();
      auto status = topic_.scan(from, [&](const RecordView& record) {
        return take(record, *replays) && std::ferror(stdout) == 0;
      });
      if (!status) return status;
    }
    tell_counts();
    return {};
  }

 private:
  // False: enough.
  bool take(const RecordView& record, const std::map<std::int64_t, Replay>& replays) {
    if (kafka::read_replay_note(record)) return true;
    const TopicPlace place{static_cast<std::uint32_t>(record.partition), record.offset};
    const auto letter = kafka::read_dead_letter(record);
    if (letter && letter->reason.find(options_.reason) == std::string_view::npos) return true;
    if (!letter && !options_.reason.empty()) return true;
    if (options_.limit != 0 && listed_ == options_.limit) {
      more_ = place;
      return false;
    }
    ++listed_;
    if (!letter) {
      ++foreign_;
      print_foreign(place, letter.error().message);
      return true;
    }
    const auto replay = replays.find(record.offset);
    const Replay* known = replay == replays.end() ? nullptr : &replay->second;
    replayed_ += known != nullptr ? 1 : 0;
    count(std::string(letter->reason));
    print(options_.json ? letter_json(place, *letter, known) : letter_line(place, *letter, known));
    return true;
  }

  void print_foreign(const TopicPlace& place, const std::string& problem) const {
    if (!options_.json) return print(to_string(place) + "  " + shown(problem) + "\n");
    JsonLine json;
    json.text("position", to_string(place));
    json.text("problem", problem);
    print(std::move(json).line());
  }

  void count(std::string reason) {
    if (reasons_.size() < reasons_kept_max || reasons_.contains(reason)) {
      ++reasons_[std::move(reason)];
    }
  }

  // Behind the lines; with --json beside them, so that standard output is letters alone.
  void tell_counts() const {
    std::FILE* out = options_.json ? stderr : stdout;
    std::fflush(stdout);
    std::fprintf(out, "%llu dead letters, %llu of them replayed\n", listed_ - foreign_, replayed_);
    if (foreign_ > 0) std::fprintf(out, "%llu records that are none\n", foreign_);
    std::vector<std::pair<unsigned long long, std::string_view>> sorted;
    for (const auto& [reason, times] : reasons_) sorted.emplace_back(times, reason);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    unsigned long long rest = listed_ - foreign_;
    for (std::size_t i = 0; i < sorted.size() && i < reasons_told_max; ++i) {
      std::fprintf(out, "%8llu  %s\n", sorted[i].first, shown(sorted[i].second).c_str());
      rest -= sorted[i].first;
    }
    if (rest > 0) std::fprintf(out, "%8llu  of other reasons\n", rest);
    if (more_) std::fprintf(out, "there is more: --from %s\n", to_string(*more_).c_str());
  }

  DeadLetterTopic& topic_;
  const DlqListOptions& options_;
  std::optional<TopicPlace> more_;
  unsigned long long listed_ = 0;
  unsigned long long replayed_ = 0;
  unsigned long long foreign_ = 0;
  std::map<std::string, unsigned long long> reasons_;
};

// ---- show ---------------------------------------------------------------------------------------

// "00000010  7b 22 …  {"…", sixteen bytes a line.
std::string hex_dump(Bytes bytes) {
  std::string out;
  const Bytes told = bytes.first(std::min(bytes.size(), hex_bytes_max));
  for (std::size_t at = 0; at < told.size(); at += hex_bytes_in_line) {
    const Bytes line = told.subspan(at, std::min(hex_bytes_in_line, told.size() - at));
    char offset[2 * sizeof at + 1];
    std::snprintf(offset, sizeof offset, "%08zx", at);
    out.append(offset).append(" ");
    std::string letters;
    for (std::size_t i = 0; i < hex_bytes_in_line; ++i) {
      out += ' ';
      out += i < line.size() ? hex(line.subspan(i, 1)) : "  ";
      if (i < line.size()) letters += line[i] >= ' ' && line[i] < 0x7F ? char(line[i]) : '.';
    }
    out += "  " + letters + "\n";
  }
  if (told.size() < bytes.size()) {
    out += "… and " + std::to_string(bytes.size() - told.size()) +
           " bytes more: --raw writes all of them\n";
  }
  return out;
}

std::string shown_value(Bytes value) {
  const auto text = kafka::as_text(value);
  codec::JsonTape tape;
  if (!tape.parse(text)) return pretty_json(text) + "\n";
  const std::vector<std::uint8_t> aligned(value.begin(), value.end());
  if (const auto line = record_line(aligned, true)) return pretty_json(*line) + "\n";
  return hex_dump(value);
}

void show_record(const TopicPlace& place, const RecordView& record, const Replay* replay) {
  const auto letter = kafka::read_dead_letter(record);
  std::string out = "position  " + to_string(place) + "\n";
  if (letter) {
    out += "parked    " + timestamp_to_text(letter->at) + " by orderlog " +
           shown(letter->engine_version) + "\n";
    out += "from      " + shown(letter->original.topic) + " " +
           std::to_string(letter->original.partition) + ":" +
           std::to_string(letter->original.offset) + "\n";
    out += "reason    " + shown(letter->reason) + "\n";
  } else {
    out += letter.error().message + "\n";
  }
  if (replay != nullptr) out += "replayed  " + replayed_text(*replay) + "\n";
  out += "key       " + shown(record.key) + "\nheaders\n";
  for (const auto& [name, value] : record.headers)
    out += "  " + shown(name) + ": " + shown(value) + "\n";
  if (record.value.data() == nullptr) {
    out += "value     (null)\n";
  } else {
    out += "value     " + std::to_string(record.value.size()) + " bytes\n";
    if (!record.value.empty()) out += shown_value(record.value);
  }
  print(out);
}

int wrong_use(const std::string& what, const Error& why) {
  report(what, why);
  return exit_usage;
}

}  // namespace

int dlq_list(const DlqListOptions& options) {
  TopicPlace from;
  if (!options.from.empty()) {
    const auto place = parse_place(options.from);
    if (!place) return wrong_use("dlq list: --from", place.error());
    from = *place;
  }
  auto topic = DeadLetterTopic::open(options.config);
  if (!topic) return report("dlq list", topic.error());
  if (auto known = (*topic)->check_partition(from); !known)
    return report("dlq list", known.error());
  const auto status = List(**topic, options).run(from);
  return status ? exit_ok : report("dlq list", status.error());
}

int dlq_show(const DlqShowOptions& options) {
  const auto place = parse_place(options.position);
  if (!place) return wrong_use("dlq show", place.error());
  auto topic = DeadLetterTopic::open(options.config);
  if (!topic) return report("dlq show", topic.error());
  std::map<std::int64_t, Replay> replays;
  if (!options.raw) {
    auto found = (*topic)->replays(*place);
    if (!found) return report("dlq show", found.error());
    replays = std::move(found).value();
  }
  const auto status = (*topic)->visit_one(*place, [&](const RecordView& record) {
    const auto replay = replays.find(place->offset);
    if (options.raw) return print(std::string(kafka::as_text(record.value)));
    show_record(*place, record, replay == replays.end() ? nullptr : &replay->second);
  });
  return status ? exit_ok : report("dlq show", status.error());
}

}  // namespace orderlog::ops
