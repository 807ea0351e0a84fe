#include "backends/windows_sandbox/mailbox.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/json.h"
#include "core/base/json_members.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr absl::string_view kMagic = "paddock-mailbox/1";
constexpr absl::string_view kFinished = ".msg", kUnfinished = ".tmp";
constexpr size_t kDigits = 8;
constexpr uint32_t kMostNumber = 99999999;
constexpr size_t kMostMessage = 1024;  // before what is no UTF-8 in it is replaced, which takes three bytes for one

struct KindRow {
  MailKind kind;
  absl::string_view name;
  size_t most;  // bytes of payload
};
constexpr KindRow kKinds[] = {
    {MailKind::kReady, "ready", 0},      {MailKind::kStarted, "started", kMostJson},
    {MailKind::kOut, "out", kMostBytes}, {MailKind::kErr, "err", kMostBytes},
    {MailKind::kAlive, "alive", 0},      {MailKind::kResult, "result", kMostJson},
};

struct EndRow {
  GuestEnd end;
  absl::string_view name;
};
constexpr EndRow kEnds[] = {
    {GuestEnd::kExited, "exited"},  {GuestEnd::kNotFound, "not-found"}, {GuestEnd::kNotExecutable, "not-executable"},
    {GuestEnd::kWallLimit, "wall"}, {GuestEnd::kOutputLimit, "output"}, {GuestEnd::kFailed, "failed"},
};

absl::Status Broken(absl::string_view what) { return absl::InvalidArgumentError(what); }

const KindRow* FindKind(absl::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::string HeaderFor(absl::string_view nonce, MailKind kind, uint32_t number) {
  return absl::StrCat(kMagic, " ", nonce, " ", Name(kind), " ", number, "\n");
}

bool IsMailName(absl::string_view name) {
  if (name.size() != kDigits + kFinished.size()) return false;
  if (name.substr(0, kDigits).find_first_not_of("0123456789") != absl::string_view::npos) return false;
  return absl::EndsWith(name, kFinished) || absl::EndsWith(name, kUnfinished);
}

absl::Status CheckPayload(const KindRow& row, absl::string_view payload) {
  if (payload.size() > row.most) {
    return Broken(absl::StrCat("a message \"", row.name, "\" of ", payload.size(), " bytes; at most ", row.most));
  }
  if (row.kind == MailKind::kStarted) return ParseStarted(payload).status();
  if (row.kind == MailKind::kResult) return ParseResult(payload).status();
  return absl::OkStatus();
}

// For a terminal and a report; what cannot be shown is escaped where it is printed.
std::string Shortened(absl::string_view text) { return std::string(text.substr(0, kMostMessage)); }

}  // namespace

absl::string_view Name(MailKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return "";
}

std::string MailName(uint32_t number) { return absl::StrFormat("%08u.msg", number); }
std::string UnfinishedName(uint32_t number) { return absl::StrFormat("%08u.tmp", number); }

std::string FormatResult(const GuestResult& result) {
  absl::string_view end = "failed";
  for (const EndRow& row : kEnds) {
    if (row.end == result.end) end = row.name;
  }
  return DumpJson({{"end", std::string(end)},
                   {"code", result.code},
                   {"message", Shortened(result.message)},
                   {"wall_ms", result.wall_ms},
                   {"user_ms", result.user_ms},
                   {"system_ms", result.system_ms},
                   {"max_resident", result.max_resident}});
}

absl::StatusOr<GuestResult> ParseResult(absl::string_view payload) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(payload, "the result", kMostJson));
  const JsonMembers members(json, 7, "the result");
  RETURN_IF_ERROR(members.Check());
  GuestResult result;
  ASSIGN_OR_RETURN(const std::string end, members.Text("end"));
  ASSIGN_OR_RETURN(const uint64_t code, members.Number("code", UINT32_MAX));
  ASSIGN_OR_RETURN(result.message, members.Text("message"));
  // A clock that says more than 35 years is none.
  constexpr uint64_t kMostMs = uint64_t{1} << 40;
  ASSIGN_OR_RETURN(result.wall_ms, members.Number("wall_ms", kMostMs));
  ASSIGN_OR_RETURN(result.user_ms, members.Number("user_ms", kMostMs));
  ASSIGN_OR_RETURN(result.system_ms, members.Number("system_ms", kMostMs));
  ASSIGN_OR_RETURN(result.max_resident, members.Number("max_resident", UINT64_MAX));
  result.code = static_cast<uint32_t>(code);
  if (result.message.size() > 3 * kMostMessage) return Broken("the result: a message that is too long");
  for (const EndRow& row : kEnds) {
    if (row.name != end) continue;
    result.end = row.end;
    return result;
  }
  return Broken("the result: an end that is none");
}

std::string FormatStarted(uint32_t process) { return DumpJson({{"process", process}}); }

absl::StatusOr<uint32_t> ParseStarted(absl::string_view payload) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(payload, "the start", kMostJson));
  const JsonMembers members(json, 1, "the start");
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const uint64_t process, members.Number("process", UINT32_MAX));
  return static_cast<uint32_t>(process);
}

std::string EncodeMail(absl::string_view nonce, uint32_t number, const Mail& mail) {
  return absl::StrCat(HeaderFor(nonce, mail.kind, number), mail.payload);
}

absl::StatusOr<Mail> DecodeMail(absl::string_view nonce, uint32_t number, absl::string_view bytes) {
  const size_t end = bytes.substr(0, kMostHeader).find('\n');
  if (end == absl::string_view::npos) return Broken("a message without a header");
  const absl::string_view header = bytes.substr(0, end + 1), payload = bytes.substr(end + 1);
  // Of four words, of which three are known: what is left between them names the kind.
  const std::string before = absl::StrCat(kMagic, " ", nonce, " ");
  const std::string after = absl::StrCat(" ", number, "\n");
  if (!absl::StartsWith(header, before) || !absl::EndsWith(header, after) ||
      header.size() < before.size() + after.size()) {
    return Broken("a message of another run, or one that was there before");
  }
  const KindRow* const row = FindKind(header.substr(before.size(), header.size() - before.size() - after.size()));
  if (row == nullptr) return Broken("a message of a kind that there is not");
  RETURN_IF_ERROR(CheckPayload(*row, payload));
  return Mail{row->kind, std::string(payload)};
}

absl::Status MailboxReader::CheckFolder() {
  ASSIGN_OR_RETURN(const std::vector<MailEntry> entries, folder_.List(kMostEntries));
  if (entries.size() > kMostEntries) return Broken(absl::StrCat("more than ", kMostEntries, " files"));
  uint64_t total = 0;
  for (const MailEntry& entry : entries) {
    if (!IsMailName(entry.name)) return Broken("a file of a name that no message has");
    if (!entry.plain) return Broken(absl::StrCat(entry.name, " is a link, a directory, or has two names"));
    if (entry.size > kMostInFolder || (total += entry.size) > kMostInFolder) {
      return Broken(absl::StrCat("more than ", kMostInFolder, " bytes"));
    }
  }
  return absl::OkStatus();
}

absl::Status MailboxReader::CheckOrder(MailKind kind) {
  const bool running = kind == MailKind::kOut || kind == MailKind::kErr;
  const bool fits = kind == MailKind::kReady ? !ready_ : ready_ && (!running || started_);
  if (ended_ || !fits || (kind == MailKind::kStarted && started_)) {
    return Broken(absl::StrCat("a message \"", Name(kind), "\" that does not follow on those before it"));
  }
  ready_ = true;
  started_ = started_ || kind == MailKind::kStarted;
  ended_ = kind == MailKind::kResult;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Mail>> MailboxReader::Next() {
  RETURN_IF_ERROR(broken_);
  const auto take = [this]() -> absl::StatusOr<std::optional<Mail>> {
    RETURN_IF_ERROR(CheckFolder());
    if (next_ > kMostNumber) return Broken("more messages than can be numbered");
    const auto bytes = folder_.Read(MailName(next_), kMostHeader + kMostBytes);
    if (absl::IsNotFound(bytes.status()) || absl::IsUnavailable(bytes.status())) return std::optional<Mail>();
    if (!bytes.ok()) return bytes.status();
    ASSIGN_OR_RETURN(Mail mail, DecodeMail(nonce_, next_, *bytes));
    RETURN_IF_ERROR(CheckOrder(mail.kind));
    // A scanner that has it open just now keeps it there; its number is past.
    const absl::Status removed = folder_.Remove(MailName(next_));
    if (!removed.ok() && !absl::IsUnavailable(removed)) return removed;
    ++next_;
    return std::optional<Mail>(std::move(mail));
  };
  auto taken = take();
  if (!taken.ok()) broken_ = taken.status();
  return taken;
}

}  // namespace paddock
