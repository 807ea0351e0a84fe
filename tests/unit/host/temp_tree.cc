#include "tests/unit/host/temp_tree.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

void Require(bool good, const std::string& what) {
  if (good) return;
  std::perror(what.c_str());
  std::abort();
}

void MakeParents(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  Require(!error, path);
}

}  // namespace

TempTree::TempTree() {
  // In memory where there is such a place: some trees have thousands of entries, and a busy disk takes seconds for
  // them.
  const std::string base = access("/dev/shm", W_OK | X_OK) == 0
                               ? "/dev/shm"
                               : std::filesystem::canonical(std::filesystem::temp_directory_path()).string();
  std::string name = absl::StrCat(base, "/paddock-test-XXXXXX");
  Require(mkdtemp(name.data()) != nullptr, name);
  chmod(name.c_str(), 0755);
  root_ = name;
}

TempTree::~TempTree() {
  // remove_all gives up on trees deeper than there are descriptors; rm does not. mkdtemp's name needs no quoting.
  if (std::system(absl::StrCat("rm -rf ", root_).c_str()) != 0)
    std::fprintf(stderr, "left behind: %s\n", root_.c_str());
}

std::string TempTree::Path(absl::string_view relative) const {
  return relative.empty() ? root_ : absl::StrCat(root_, "/", relative);
}

std::string TempTree::Dir(absl::string_view relative) const {
  std::string path = Path(relative);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  Require(!error, path);
  return path;
}

std::string TempTree::File(absl::string_view relative, absl::string_view content) const {
  std::string path = Path(relative);
  MakeParents(path);
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  Require(file.good(), path);
  return path;
}

std::string TempTree::Link(absl::string_view relative, absl::string_view target) const {
  std::string path = Path(relative);
  MakeParents(path);
  Require(symlink(std::string(target).c_str(), path.c_str()) == 0, path);
  return path;
}

std::string TempTree::Fifo(absl::string_view relative) const {
  std::string path = Path(relative);
  MakeParents(path);
  Require(mkfifo(path.c_str(), 0644) == 0, path);
  return path;
}

std::string TempTree::GitDir(absl::string_view relative) const {
  File(absl::StrCat(relative, "/HEAD"), "ref: refs/heads/main\n");
  File(absl::StrCat(relative, "/config"), "[core]\n\trepositoryformatversion = 0\n");
  Dir(absl::StrCat(relative, "/objects"));
  Dir(absl::StrCat(relative, "/refs"));
  return Path(relative);
}

AsOrdinaryUser::AsOrdinaryUser() : saved_(geteuid()) {
  if (saved_ == 0) Require(seteuid(kNobody) == 0, "seteuid");
}

AsOrdinaryUser::~AsOrdinaryUser() {
  if (saved_ == 0) Require(seteuid(0) == 0, "seteuid");
}

}  // namespace paddock
