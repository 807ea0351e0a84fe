#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/audit/icacls_reader.h"
#include "core/audit/judge_snapshot.h"
#include "core/audit/snapshot_reader.h"

namespace {

using paddock::audit::Snapshot;

// In pieces, so that lines are cut anywhere.
template <typename Reader>
absl::StatusOr<Snapshot> ReadInPieces(absl::string_view text, size_t size, Reader* reader) {
  for (size_t at = 0; at < text.size(); at += size) {
    if (const absl::Status added = reader->Add(text.substr(at, size)); !added.ok()) return added;
  }
  return std::move(*reader).Finish();
}

// Any answer but a crash will do; and nothing may be counted that was not there.
void Judge(const Snapshot& snapshot) {
  using paddock::audit::TokenKind;
  for (const TokenKind kind : {TokenKind::kWindowsToken, TokenKind::kAppContainer, TokenKind::kLowIntegrity}) {
    const auto run = paddock::audit::MakeRunToken(snapshot.account, kind, {});
    if (!run.ok()) continue;
    const auto report = paddock::audit::JudgeSnapshot({snapshot, *run, {"C:\\ws"}, {".git\\hooks", ".vscode"}});
    if (!report.ok()) continue;
    for (const auto& finding : report->findings) {
      if (finding.count > std::max(snapshot.entries.size(), size_t{2})) __builtin_trap();
    }
  }
}

}  // namespace

// A snapshot and a file of icacls, read, and judged where they can be read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 97;
  paddock::audit::SnapshotReader snapshot("fuzz");
  if (const auto read = ReadInPieces(text, piece, &snapshot); read.ok()) Judge(*read);
  paddock::audit::IcaclsContext context;
  context.root = "C:\\";
  context.account.user = paddock::access::Sid(5, {21, 1, 2, 3, 1001});
  context.account.groups = paddock::audit::OrdinaryGroups();
  context.no_labels = piece % 2 == 0;
  paddock::audit::IcaclsReader icacls("fuzz", context);
  if (const auto read = ReadInPieces(text, piece, &icacls); read.ok()) Judge(*read);
  return 0;
}
