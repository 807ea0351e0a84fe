#include "core/platform/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;

class WindowsFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(::testing::TempDir()) / "paddock_windows_files_test";
    fs::remove_all(dir_);
    fs::create_directory(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string Path(const std::string& name) const { return (dir_ / name).string(); }
  std::string Content(const std::string& name) const {
    std::ifstream file(dir_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }

  fs::path dir_;
};

TEST_F(WindowsFilesTest, WritesWholeAndLeavesNothingElse) {
  auto file = OutputFile::Open(Path("report.json"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_FALSE(fs::exists(dir_ / "report.json"));
  ASSERT_TRUE(file->Commit("line\nline\r\n").ok());
  EXPECT_EQ(Content("report.json"), "line\nline\r\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(WindowsFilesTest, KeepsTheOldContentUntilTheEnd) {
  Put("r", "old");
  auto file = OutputFile::Open(Path("r"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Content("r"), "old");
  ASSERT_TRUE(file->Commit("new").ok());
  EXPECT_EQ(Content("r"), "new");
}

TEST_F(WindowsFilesTest, WhatCannotBeWrittenIsRefusedBeforehand) {
  for (const std::string& path : {dir_.string(), Path("none\\r"), Path("."), std::string()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(OutputFile::Open(path).status())) << path;
  }
}

TEST_F(WindowsFilesTest, ADeviceIsWrittenInPlace) {
  auto file = OutputFile::Open("NUL");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->Commit("gone").ok());
}

TEST_F(WindowsFilesTest, ReadsWholeFilesUpToALimit) {
  Put("f", "12345");
  EXPECT_EQ(*ReadWholeFile(Path("f"), 5), "12345");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadWholeFile(Path("f"), 4).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadWholeFile(Path("none"), 4).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadWholeFile(dir_.string(), 4).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadWholeFile("NUL", 4).status()));
}

}  // namespace
}  // namespace paddock
