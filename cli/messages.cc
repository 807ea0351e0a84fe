#include "cli/messages.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/escape.h"

namespace paddock::cli {
namespace {

// An argument or a path may have megabytes; a line that nobody can read helps nobody.
constexpr size_t kLongest = 4096;

}  // namespace

void Messages::Error(absl::string_view text) {
  std::string line = Escape(text.substr(0, kLongest));
  if (text.size() > kLongest) absl::StrAppend(&line, "... (", text.size() - kLongest, " more bytes)");
  err_.Write(absl::StrCat("paddock: ", line, "\n")).IgnoreError();
}

void Messages::Notice(absl::string_view text) {
  if (!quiet_) Error(text);
}

void Messages::Refusal(const Reason& reason) {
  Error(absl::StrCat("refused: ", reason.detail, " (", reason.code, ")"));
  absl::string_view remedy = reason.remedy;
  if (const ReasonCode* row = FindReasonCode(reason.code); remedy.empty() && row != nullptr) remedy = row->remedy;
  if (!remedy.empty()) Error(absl::StrCat("remedy: ", remedy));
}

void Messages::Failure(const absl::Status& status) {
  if (const auto reason = ReasonOf(status)) {
    Refusal(*reason);
  } else {
    Error(status.message());
  }
}

}  // namespace paddock::cli
