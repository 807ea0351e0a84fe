#include "core/platform/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace paddock {
namespace {

namespace fs = std::filesystem;

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "paddock_files_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string Path(const std::string& name) const { return (dir_ / name).string(); }
  std::string Content(const std::string& name) const {
    std::ifstream file(dir_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Put(const std::string& name, const std::string& text) const { std::ofstream(dir_ / name) << text; }

  fs::path dir_;
};

TEST_F(FilesTest, WritesWholeAndLeavesNothingElse) {
  auto file = OutputFile::Open(Path("report.json"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_FALSE(fs::exists(dir_ / "report.json"));
  ASSERT_TRUE(file->Commit("whole").ok());
  EXPECT_EQ(Content("report.json"), "whole");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(FilesTest, TheLongestNameIsAName) {
  const std::string name(255, 'n');
  auto file = OutputFile::Open(Path(name));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Commit("whole").ok());
  EXPECT_EQ(Content(name), "whole");
}

TEST_F(FilesTest, KeepsTheOldContentUntilTheEnd) {
  Put("r", "old");
  auto file = OutputFile::Open(Path("r"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(Content("r"), "old");
  ASSERT_TRUE(file->Commit("new").ok());
  EXPECT_EQ(Content("r"), "new");
}

TEST_F(FilesTest, ReplacesALinkAndNeverFollowsIt) {
  Put("victim", "precious");
  auto file = OutputFile::Open(Path("r"));
  ASSERT_TRUE(file.ok());
  fs::create_symlink("victim", dir_ / "r");
  ASSERT_TRUE(file->Commit("new").ok());
  EXPECT_EQ(Content("victim"), "precious");
  EXPECT_FALSE(fs::is_symlink(dir_ / "r"));
}

TEST_F(FilesTest, StaysInTheDirectoryThatWasOpened) {
  fs::create_directory(dir_ / "a");
  fs::create_directory(dir_ / "elsewhere");
  auto file = OutputFile::Open(Path("a/r"));
  ASSERT_TRUE(file.ok());
  fs::rename(dir_ / "a", dir_ / "moved");
  fs::create_symlink("elsewhere", dir_ / "a");
  ASSERT_TRUE(file->Commit("new").ok());
  EXPECT_EQ(Content("moved/r"), "new");
  EXPECT_TRUE(fs::is_empty(dir_ / "elsewhere"));
}

TEST_F(FilesTest, APipeIsWrittenInPlace) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto file = OutputFile::Open("/dev/fd/" + std::to_string(ends[1]));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Commit("through").ok());
  char buffer[16];
  EXPECT_EQ(read(ends[0], buffer, sizeof(buffer)), 7);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(FilesTest, RefusesWhatCannotBeWritten) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  Put("file", "");
  for (const std::string& path :
       {std::string(), Path("."), dir_.string(), Path("missing/r"), Path("file/r"), Path("x/"), Path("fifo"),
        Path(std::string(300, 'n') + "/r"), Path(std::string(300, 'n')), std::string("/proc/r")}) {
    const auto file = OutputFile::Open(path);
    EXPECT_TRUE(absl::IsInvalidArgument(file.status())) << path << ": " << file.status();
  }
}

TEST_F(FilesTest, ReadsWholeFilesUpToTheLimit) {
  Put("f", "12345");
  EXPECT_EQ(*ReadWholeFile(Path("f"), 5), "12345");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadWholeFile(Path("f"), 4).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadWholeFile(Path("none"), 4).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadWholeFile(dir_.string(), 4).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadWholeFile("/dev/zero", 4).status()));
}

}  // namespace
}  // namespace paddock
