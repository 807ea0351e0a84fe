#include "backends/windows_sandbox/launch_compare.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/launch_folder.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"

namespace paddock {
namespace {

constexpr size_t kMostContent = 4u << 20;
constexpr size_t kMostEntries = 20000;

// Collects how one name looks, in a text that differs where it does.
class Looker {
 public:
  explicit Looker(size_t* content) : content_(content) {}

  std::string Look(const std::wstring& path) {
    std::vector<std::wstring> folders;
    Add(path, path, &folders);
    while (!folders.empty() && entries_ < kMostEntries) {
      const std::wstring folder = std::move(folders.back());
      folders.pop_back();
      WIN32_FIND_DATAW data;
      const UniqueFindHandle find(FindFirstFileW((folder + L"\\*").c_str(), &data));
      if (!find.valid()) continue;
      do {
        const std::wstring name = data.cFileName;
        if (name != L"." && name != L"..") Add(folder + L"\\" + name, name, &folders);
      } while (entries_ < kMostEntries && FindNextFileW(find.get(), &data));
    }
    return std::move(text_);
  }

 private:
  void Add(const std::wstring& path, const std::wstring& name, std::vector<std::wstring>* folders) {
    ++entries_;
    WIN32_FILE_ATTRIBUTE_DATA data = {};
    if (!GetFileAttributesExW(path.c_str(), GetFileExInfoStandard, &data)) {
      absl::StrAppend(&text_, "none\n");
      return;
    }
    const bool link = (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    const bool directory = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    absl::StrAppend(&text_, ToUtf8(name), link ? " link " : " ", directory ? "directory" : "file");
    if (directory && !link) {
      folders->push_back(path);
    } else if (!link) {
      absl::StrAppend(&text_, " ", data.nFileSizeHigh, " ", data.nFileSizeLow, " ");
      if (!AddContent(path, data)) {
        absl::StrAppend(&text_, data.ftLastWriteTime.dwHighDateTime, " ", data.ftLastWriteTime.dwLowDateTime);
      }
    }
    absl::StrAppend(&text_, "\n");
  }

  bool AddContent(const std::wstring& path, const WIN32_FILE_ATTRIBUTE_DATA& data) {
    if (data.nFileSizeHigh != 0 || data.nFileSizeLow > *content_) return false;
    const UniqueFileHandle file(CreateFileW(path.c_str(), GENERIC_READ,
                                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                            OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    std::string content(data.nFileSizeLow, '\0');
    DWORD got = 0;
    if (!file.valid() || !ReadFile(file.get(), content.data(), data.nFileSizeLow, &got, nullptr)) return false;
    *content_ -= got;
    text_.append(content, 0, got);
    return true;
  }

  size_t* const content_;
  size_t entries_ = 0;
  std::string text_;
};

}  // namespace

ProtectedNames::ProtectedNames(std::vector<ComparedName> names) : names_(std::move(names)), before_(Look()) {}

std::vector<std::string> ProtectedNames::Look() const {
  std::vector<std::string> looks;
  for (const ComparedName& name : names_) {
    size_t content = kMostContent;
    const auto path = LongPath(name.path);
    looks.push_back(path.ok() ? Looker(&content).Look(*path) : "");
  }
  return looks;
}

std::vector<Violation> ProtectedNames::Changed() const {
  std::vector<Violation> changed;
  const std::vector<std::string> after = Look();
  for (size_t i = 0; i < names_.size(); ++i) {
    if (after[i] == before_[i]) continue;
    const char* const how = before_[i] == "none\n" ? "created" : after[i] == "none\n" ? "removed" : "modified";
    changed.push_back(
        {false, absl::StrCat("protected name ", how, ": ", names_[i].path), names_[i].rule, names_[i].path});
  }
  return changed;
}

}  // namespace paddock
