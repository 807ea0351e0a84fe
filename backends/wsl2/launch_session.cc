#include "backends/wsl2/launch_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/distribution_facts.h"
#include "backends/wsl2/preamble.h"
#include "backends/wsl2/relay_scripts.h"
#include "backends/wsl2/wsl_failure.h"
#include "core/base/reason.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/platform/files.h"
#include "core/platform/windows/random.h"

namespace paddock::wsl2 {
namespace {

constexpr size_t kLargestRelay = 256u << 20;
// A distribution on a cold disk, with its virtual machine. Who waits longer waits for something else.
constexpr uint64_t kStartMs = 120'000;

absl::Status Unavailable(const Reason& reason) { return ReasonError(absl::StatusCode::kUnavailable, reason); }

absl::Status Unavailable(const absl::Status& status, absl::string_view code) {
  if (absl::IsCancelled(status)) return status;
  return Unavailable(ReasonOf(status).value_or(MakeReason(code, status.message())));
}

absl::Status Unplaced(absl::string_view distribution, absl::string_view what) {
  return Unavailable(MakeReason("wsl_relay_unplaced", absl::StrCat("in '", distribution, "' ", what)));
}

// What a script said in place of the relay.
struct WordText {
  absl::string_view word;
  absl::string_view text;
};
constexpr WordText kWords[] = {
    {"absent", "the relay is not there, although it has just been put there"},
    {"differs", "the relay is not what was put there; an earlier command or another user changed it"},
    {"unverifiable", "there is no sha256sum to check the relay with"},
    {"unwritable", "the relay cannot be written below the home directory of the user"},
};

std::string TextOf(absl::string_view word) {
  for (const WordText& row : kWords) {
    if (row.word == word) return std::string(row.text);
  }
  return absl::StrCat("something else answered in place of the relay: ", word);
}

}  // namespace

absl::StatusOr<RelayFile> ReadRelayFile(const std::string& path) {
  RelayFile relay;
  auto content = ReadWholeFile(path, kLargestRelay);
  if (!content.ok()) return Unavailable(MakeReason("wsl_relay_missing", content.status().message()));
  relay.content = *std::move(content);
  relay.hash = Sha256Hex(Sha256Of(relay.content));
  return relay;
}

std::string RelaySession::Said() const {
  const std::string errors = channel_->Errors();
  PreambleReader decoder(std::string(kNonceDigits, '0'));
  absl::string_view bytes = errors;
  (void)decoder.Next(&bytes);
  return decoder.Before();
}

absl::StatusOr<std::string> RelaySession::ReadPreamble(const std::string& distribution, const std::string& nonce) {
  PreambleReader preamble(nonce);
  while (true) {
    const auto read = channel_->Read(LeftMs());
    if (absl::IsCancelled(read.status())) return read.status();
    if (!read.ok())
      return Unavailable(MakeReason("wsl_failed", absl::StrCat("'", distribution, "': ", read.status().message())));
    if (read->empty()) {
      const uint32_t code = channel_->ExitCode(LeftMs());
      const std::string said = absl::StrCat(preamble.Before(), " ", Said());
      return Unavailable(WslFailure(distribution, said, code));
    }
    absl::string_view bytes = *read;
    const auto word = preamble.Next(&bytes);
    if (!word.ok()) return Unavailable(word.status(), "wsl_failed");
    if (!word->has_value()) continue;
    pending_ = std::string(bytes);
    return **word;
  }
}

absl::Status RelaySession::ReadReady() {
  const auto frame = Next();
  if (!frame.ok()) return Unavailable(frame.status(), "relay_protocol");
  if (!frame->has_value())
    return Unavailable(MakeReason("wsl_run_lost", absl::StrCat("the relay ended at once. ", Said())));
  ready_ = (*frame)->payload;
  auto inside = ParseReady(ready_);
  if (!inside.ok()) return Unavailable(inside.status(), "relay_protocol");
  inside_ = *std::move(inside);
  deadline_ms_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::string> RelaySession::Start(const std::vector<std::string>& arguments,
                                                const std::string& distribution, const std::string& nonce,
                                                absl::string_view input) {
  ASSIGN_OR_RETURN(channel_, WslChannel::Start(arguments));
  channel_->Heed(interrupt_);
  deadline_ms_ = GetTickCount64() + kStartMs;
  // A failure to write is told by what the script says, by the end of wsl.exe, or by the end of its time.
  if (!input.empty() && channel_->Write(input, LeftMs()).ok()) (void)channel_->CloseInput();
  return ReadPreamble(distribution, nonce);
}

absl::StatusOr<std::string> RelaySession::StartRelay(const std::string& distribution, const RelayFile& relay,
                                                     bool facts_only) {
  ASSIGN_OR_RETURN(const std::string nonce, RandomHex(kNonceDigits));
  return Start(RunArguments(distribution, relay.hash, nonce, facts_only), distribution, nonce, "");
}

absl::Status RelaySession::Place(const std::string& distribution, const RelayFile& relay) {
  ASSIGN_OR_RETURN(const std::string nonce, RandomHex(kNonceDigits));
  ASSIGN_OR_RETURN(const std::string word,
                   Start(PlaceArguments(distribution, relay.hash, nonce), distribution, nonce, relay.content));
  return word == "placed" ? absl::OkStatus() : Unplaced(distribution, TextOf(word));
}

uint32_t RelaySession::LeftMs() const {
  if (deadline_ms_ == 0) return INFINITE;
  const uint64_t now = GetTickCount64();
  return static_cast<uint32_t>(now < deadline_ms_ ? deadline_ms_ - now : 0);
}

absl::StatusOr<RelaySession> RelaySession::Open(const std::string& distribution, const RelayFile& relay,
                                                bool facts_only, HANDLE interrupt) {
  RelaySession session(interrupt);
  ASSIGN_OR_RETURN(std::string word, session.StartRelay(distribution, relay, facts_only));
  if (word == "absent" || word == "differs") {
    RETURN_IF_ERROR(session.Place(distribution, relay));
    ASSIGN_OR_RETURN(word, session.StartRelay(distribution, relay, facts_only));
  }
  if (!word.empty()) return Unplaced(distribution, TextOf(word));
  RETURN_IF_ERROR(session.ReadReady());
  return session;
}

absl::StatusOr<std::optional<Frame>> RelaySession::Next() {
  while (true) {
    absl::string_view bytes = pending_;
    auto frame = reader_.Next(&bytes);
    pending_.erase(0, pending_.size() - bytes.size());
    if (!frame.ok() || frame->has_value()) return frame;
    ASSIGN_OR_RETURN(const absl::string_view read, channel_->Read(LeftMs()));
    if (read.empty()) return std::optional<Frame>();
    pending_.assign(read.data(), read.size());
  }
}

}  // namespace paddock::wsl2
