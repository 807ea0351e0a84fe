#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/base/units.h"
#include "core/policy/path_entry.h"
#include "core/policy/schema.h"

// The checks of single values: what schema.h promises of CheckElement and its siblings.

namespace paddock {
namespace {

absl::Status Bad(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quote(text), " ", why));
}

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

template <typename Predicate>
bool All(absl::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// Environment names: any bytes but "=" and control characters; npm and bash use odd ones.
absl::StatusOr<std::string> CheckName(absl::string_view text, bool star_at_end, bool stars) {
  if (text.empty()) return Bad(text, "is empty; write the name of a variable");
  const size_t equals = text.find('=');
  if (equals != absl::string_view::npos) {
    return Bad(text, "holds \"=\"; values belong in environment.set");
  }
  if (!All(text, [](char c) { return !absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != ' '; })) {
    return Bad(text, "holds a blank or a control character");
  }
  const size_t star = text.find('*');
  if (star != absl::string_view::npos && !stars && !(star_at_end && star + 1 == text.size())) {
    return Bad(text, star_at_end ? "holds a * that is not at its end; only a trailing * matches any suffix"
                                 : "holds a *; write the whole name");
  }
  return std::string(text);
}

bool IsIpv4(absl::string_view host) {
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4) return false;
  return std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
    uint32_t number = 0;
    return !part.empty() && part.size() <= 3 && All(part, IsDigit) && absl::SimpleAtoi(part, &number) && number <= 255;
  });
}

bool IsHostLabel(absl::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         All(label, [](char c) { return IsAlnum(c) || c == '-' || c == '_'; });
}

// RFC 1123 names (underscores too, which occur in practice), by label.
absl::Status CheckHostName(absl::string_view text, absl::string_view host) {
  const bool wildcard = absl::ConsumePrefix(&host, "*.");
  if (host == "*") return Bad(text, "would allow everything; write network.mode = \"open\" if that is meant");
  if (absl::StrContains(host, "*")) return Bad(text, "has a * elsewhere than in front; write \"*.example.org\"");
  if (host.empty()) return Bad(text, "names no host; write for instance \"registry.npmjs.org:443\"");
  const std::vector<absl::string_view> labels = absl::StrSplit(host, '.');
  if (host.size() > 253 || !std::all_of(labels.begin(), labels.end(), IsHostLabel)) {
    return Bad(text, "is no host name; write for instance \"registry.npmjs.org:443\" or \"*.npmjs.org\"");
  }
  if (All(labels.back(), IsDigit) && (wildcard || !IsIpv4(host)))
    return Bad(text, "is neither a host name nor an IPv4 address");
  return absl::OkStatus();
}

bool IsIpv6(absl::string_view address) {
  return absl::StrContains(address, ":") && address.size() <= 45 && All(address, [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c)) || c == ':' || c == '.';
         });
}

absl::StatusOr<std::string> CheckHost(absl::string_view text) {
  if (text.empty()) return Bad(text, "is empty; write for instance \"registry.npmjs.org:443\"");
  if (absl::StrContains(text, "/"))
    return Bad(text, "is no host but a URL or network; write the host, and \":443\" if only that port");
  absl::string_view host = text, port;
  if (text.front() == '[') {
    const size_t close = text.find(']');
    if (close == absl::string_view::npos || !IsIpv6(text.substr(1, close - 1)))
      return Bad(text, "is no IPv6 address in brackets");
    host = text.substr(0, close + 1);
    port = text.substr(close + 1);
  } else {
    const size_t colon = text.find(':');
    if (colon != absl::string_view::npos && text.find(':', colon + 1) != absl::string_view::npos) {
      return Bad(text, "holds several colons; write an IPv6 address in brackets: \"[::1]:443\"");
    }
    host = text.substr(0, colon);
    if (colon != absl::string_view::npos) port = text.substr(colon);
    RETURN_IF_ERROR(CheckHostName(text, host));
  }
  if (port.empty()) return absl::AsciiStrToLower(host);
  uint32_t number = 0;
  port.remove_prefix(1);
  if (port.empty() || port.size() > 5 || !All(port, IsDigit) || !absl::SimpleAtoi(port, &number) || number < 1 ||
      number > 65535) {
    return Bad(text, "has no port from 1 to 65535 after the colon");
  }
  return absl::StrCat(absl::AsciiStrToLower(host), ":", number);
}

absl::StatusOr<std::string> CheckIdentifier(absl::string_view text, absl::string_view extra, absl::string_view what) {
  const bool good = !text.empty() && text.size() <= 128 && IsAlnum(text.front()) &&
                    All(text, [&](char c) { return IsAlnum(c) || absl::StrContains(extra, absl::string_view(&c, 1)); });
  if (!good) return Bad(text, absl::StrCat("is no ", what));
  return std::string(text);
}

absl::StatusOr<std::string> CheckBackend(absl::string_view text, bool tier) {
  const size_t colon = tier ? text.find(':') : absl::string_view::npos;
  const absl::string_view name = text.substr(0, colon);
  const bool good =
      !name.empty() && name.size() <= 64 && absl::ascii_islower(static_cast<unsigned char>(name.front())) &&
      All(name, [](char c) { return absl::ascii_islower(static_cast<unsigned char>(c)) || IsDigit(c) || c == '_'; });
  if (!good) return Bad(text, "is no name of a backend; write for instance \"linux_landlock\"");
  if (colon != absl::string_view::npos) {
    RETURN_IF_ERROR(CheckIdentifier(text.substr(colon + 1), "_-", "name of a tier after the colon").status());
  }
  return std::string(text);
}

// What WSL itself takes for the name of a distribution; nothing in it has a meaning on a command line.
absl::StatusOr<std::string> CheckDistribution(absl::string_view text) {
  constexpr size_t kLongest = 64;
  if (text.size() > kLongest) return Bad(text, "is too long for the name of a WSL distribution");
  return CheckIdentifier(text, "._-", "name of a WSL distribution; `wsl --list` names them");
}

absl::string_view NumberExample(KeyType type) {
  switch (type) {
    case KeyType::kDuration:
      return "a duration such as \"10m\"";
    case KeyType::kSize:
      return "a size such as \"4GiB\"";
    default:
      return "a whole number such as 512";
  }
}

std::string FormatNumber(KeyType type, uint64_t number) {
  if (type == KeyType::kDuration) return FormatDuration(std::chrono::milliseconds(static_cast<int64_t>(number)));
  if (type == KeyType::kSize) return FormatSize(number);
  return absl::StrCat(number);
}

}  // namespace

absl::StatusOr<std::string> CheckElement(const KeyInfo& info, absl::string_view text) {
  if (text.find('\0') != absl::string_view::npos) return Bad(text, "holds a NUL byte");
  switch (info.type) {
    case KeyType::kPaths:
      return CheckPathText(text, false);
    case KeyType::kDenyPaths:
      return CheckPathText(text, true);
    case KeyType::kNames:
      return CheckName(text, true, false);
    case KeyType::kPatterns:
      return CheckName(text, true, true);
    case KeyType::kHosts:
      return CheckHost(text);
    case KeyType::kCapabilities:
      return CheckIdentifier(text, "._-", "name of a capability; write for instance \"internetClient\"");
    case KeyType::kBackends:
      return CheckBackend(text, false);
    case KeyType::kBackend:
      return CheckBackend(text, true);
    case KeyType::kDistribution:
      return CheckDistribution(text);
    default:
      return absl::InternalError("no list");
  }
}

absl::StatusOr<size_t> CheckChoice(const KeyInfo& info, absl::string_view text) {
  const auto found = std::find(info.values.begin(), info.values.end(), text);
  if (found != info.values.end()) return static_cast<size_t>(found - info.values.begin());
  return Bad(text, absl::StrCat("is none of ", OneOf(info.values), DidYouMean(text, info.values)));
}

absl::Status CheckRange(const KeyInfo& info, uint64_t number) {
  if (number == 0) return absl::InvalidArgumentError("is zero, so that nothing could run; write \"none\" for no limit");
  if (number < info.min) {
    return absl::InvalidArgumentError(absl::StrCat("is below the least, ", FormatNumber(info.type, info.min)));
  }
  if (number > info.max) {
    return absl::InvalidArgumentError(absl::StrCat("is above the most, ", FormatNumber(info.type, info.max)));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> CheckNumber(const KeyInfo& info, absl::string_view text) {
  if (text == "none") return kNoLimit;
  uint64_t number = 0;
  if (text.empty()) return Bad(text, absl::StrCat("is empty; write ", NumberExample(info.type), ", or \"none\""));
  if (info.type == KeyType::kDuration) {
    ASSIGN_OR_RETURN(const auto duration, ParseDuration(text));
    number = static_cast<uint64_t>(duration.count());
  } else if (info.type == KeyType::kSize) {
    ASSIGN_OR_RETURN(number, ParseSize(text));
  } else {
    ASSIGN_OR_RETURN(number, ParseCount(text));
  }
  const absl::Status range = CheckRange(info, number);
  if (!range.ok()) return Bad(text, range.message());
  return number;
}

absl::Status CheckEntry(const KeyInfo& info, absl::string_view name, absl::string_view value) {
  if (info.type == KeyType::kVariables) {
    RETURN_IF_ERROR(CheckName(name, false, false).status());
    if (value.find('\0') != absl::string_view::npos) return Bad(value, "holds a NUL byte");
    return absl::OkStatus();
  }
  const auto guarantee = ParseGuarantee(name);
  if (!guarantee) {
    std::vector<absl::string_view> known;
    for (const Guarantee g : kAllGuarantees) known.push_back(GuaranteeName(g));
    return Bad(name, absl::StrCat("is no guarantee; there are ", OneOf(known), DidYouMean(name, known)));
  }
  if (ParseLevel(*guarantee, value)) return absl::OkStatus();
  std::vector<absl::string_view> levels;
  for (size_t i = 0; i < LevelCount(*guarantee); ++i) levels.push_back(LevelName(*guarantee, static_cast<Level>(i)));
  return Bad(value, absl::StrCat("is no level of ", name, "; from weak to strong: ", OneOf(levels),
                                 DidYouMean(value, levels)));
}

}  // namespace paddock
