#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/utf16.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

using Wildcards = WindowsPath::Wildcards;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Canonical text means the same as what it was made from, and every form that Parse gives out can be taken back.
void CheckCanonical(const WindowsPath& path, Wildcards wildcards) {
  const std::string text = path.ToString();
  const auto again = WindowsPath::Parse(text, wildcards);
  Require(again.ok() && again->ToString() == text && again->kind() == path.kind());
  Require(again->components() == path.components() && again->stream() == path.stream());
  const WindowsContainment within = path.IsWithin(*again);
  Require(within.answer != Containment::kNo && (within.answer == Containment::kYes) == within.why.empty());
  if (const auto verbatim = path.ToVerbatim(); verbatim.ok() && Utf16Length(*verbatim) <= 32767) {
    const auto parsed = WindowsPath::Parse(*verbatim, wildcards);
    Require(parsed.ok() && parsed->IsVerbatim() && *parsed->ToVerbatim() == *verbatim);
    Require(parsed->IsWithin(path).answer != Containment::kNo);
  }
}

// What is joined to a directory without ".." lies in it, and is seen there.
void CheckJoin(const WindowsPath& base, absl::string_view below) {
  const auto tail = WindowsPath::Parse(below);
  const auto joined = base.Join(below);
  if (!joined.ok()) return;
  Require(tail.ok());
  if (tail->IsAbsolute()) return Require(joined->ToString() == tail->ToString());
  const bool up = !tail->components().empty() && tail->components()[0] == "..";
  if (tail->kind() == WindowsPathKind::kRelative && !up) {
    Require(joined->IsWithin(base).answer != Containment::kNo);
    if (!tail->components().empty()) Require(base.IsWithin(*joined).answer != Containment::kYes);
  }
  CheckCanonical(*joined, Wildcards::kRefused);
}

void CheckPair(const WindowsPath& a, const WindowsPath& b) {
  const WindowsContainment forth = a.IsWithin(b), back = b.IsWithin(a);
  Require((forth.doubt == PathDoubt::kNone) == (forth.answer != Containment::kUnknown));
  // Both ways for certain: the same depth.
  if (forth.Certain() && back.Certain()) Require(a.components().size() == b.components().size());
}

}  // namespace
}  // namespace paddock

// The first line is a path, the rest another.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using paddock::WindowsPath;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t split = text.find('\n');
  const absl::string_view first = text.substr(0, split);
  const absl::string_view second = split == absl::string_view::npos ? "" : text.substr(split + 1);
  if (const auto units = paddock::Utf8ToUtf16(text); units.ok()) paddock::Require(paddock::Utf16ToUtf8(*units) == text);
  if (const auto pattern = WindowsPath::Parse(first, WindowsPath::Wildcards::kAllowed); pattern.ok()) {
    paddock::CheckCanonical(*pattern, WindowsPath::Wildcards::kAllowed);
  }
  const auto a = WindowsPath::Parse(first), b = WindowsPath::Parse(second);
  if (!a.ok()) return 0;
  paddock::CheckCanonical(*a, WindowsPath::Wildcards::kRefused);
  paddock::CheckJoin(*a, second);
  if (b.ok()) paddock::CheckPair(*a, *b);
  return 0;
}
