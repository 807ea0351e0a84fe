#include "core/platform/windows/tree_walk.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Longer than MAX_PATH as well, and names as they stand.
std::wstring PatternIn(const std::string& start, const std::string& below) {
  const auto parsed = WindowsPath::Parse(start);
  const auto verbatim = parsed.ok() ? parsed->ToVerbatim() : parsed.status();
  std::string directory = verbatim.ok() ? *verbatim : start;
  while (!directory.empty() && directory.back() == '\\') directory.pop_back();
  return ToWide(absl::StrCat(directory, below.empty() ? "" : "\\", below, "\\*"));
}

class TreeWalk {
 public:
  TreeWalk(const TreeWalkLimits& limits, absl::FunctionRef<bool(const TreeEntry&)> visit)
      : limits_(limits), visit_(visit) {}

  bool Run(const std::string& start) {
    waiting_ = {""};
    while (!waiting_.empty() && !stopped_) {
      const std::string below = std::move(waiting_.back());
      waiting_.pop_back();
      Enter(start, below);
    }
    return complete_ && !stopped_;
  }

 private:
  void Enter(const std::string& start, const std::string& below) {
    WIN32_FIND_DATAW data = {};
    const UniqueFindHandle find(FindFirstFileExW(PatternIn(start, below).c_str(), FindExInfoBasic, &data,
                                                 FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH));
    if (!find.valid()) {
      complete_ = false;
      return;
    }
    do {
      if (entries_ >= limits_.entries || std::chrono::steady_clock::now() > limits_.until) {
        stopped_ = true;
        return;
      }
      Visit(below, data);
    } while (FindNextFileW(find.get(), &data));
    if (GetLastError() != ERROR_NO_MORE_FILES) complete_ = false;
  }

  void Visit(const std::string& below, const WIN32_FIND_DATAW& data) {
    const std::string name = ToUtf8(data.cFileName);
    if (name == "." || name == "..") return;
    ++entries_;
    std::string path = below.empty() ? name : absl::StrCat(below, "\\", name);
    const bool directory = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    const bool reparse_point = (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    const bool enter = visit_({path, name, directory, reparse_point});
    if (!directory || reparse_point || !enter) return;
    if (absl::StrContains(name, kReplacement)) {
      complete_ = false;
      return;
    }
    waiting_.push_back(std::move(path));
  }

  const TreeWalkLimits& limits_;
  absl::FunctionRef<bool(const TreeEntry&)> visit_;
  std::vector<std::string> waiting_;
  uint64_t entries_ = 0;
  bool complete_ = true, stopped_ = false;
};

}  // namespace

bool WalkTreeOfFiles(const std::string& start, const TreeWalkLimits& limits,
                     absl::FunctionRef<bool(const TreeEntry&)> visit) {
  return TreeWalk(limits, visit).Run(start);
}

}  // namespace paddock
