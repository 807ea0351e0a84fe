#include "core/access/file_ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

using testing::HasSubstr;

constexpr char kUserFull[] = "O:S-1-5-21-1-2-3-1001D:(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";
// The workspace as a lease stamps it: the capability has Modify, without FILE_DELETE_CHILD, and inheritable.
constexpr char kStamped[] =
    "O:S-1-5-21-1-2-3-1001D:(A;OICI;0x1301bf;;;S-1-5-21-900-11-12-13)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";

class FileOps : public testing::Test {
 protected:
  FileOps() {
    Add("C:\\Users\\dev", kUserFull, true);
    Add("C:\\Users\\dev\\notes.txt", kUserFull, false);
    Add("C:\\Users\\dev\\.ssh", kUserFull, true);
    Add("C:\\ws", kStamped, true);
    Add("C:\\ws\\main.cc", kStamped, false);
    Add("C:\\ws\\src", kStamped, true);
    Add("C:\\ws\\lib", kStamped, true);
    Add("C:\\ws\\read.only", kStamped, false, true);
    // Protected: the capability may read it; DELETE is not granted either.
    Add("C:\\ws\\.git", "O:S-1-5-21-1-2-3-1001D:(A;OICI;FR;;;S-1-5-21-900-11-12-13)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)",
        true);
    Add("C:\\system", "O:SYD:(A;OICI;FA;;;SY)(A;OICI;FRFX;;;WD)", true);
    Add("C:\\system\\a.dll", "O:SYD:(A;;FA;;;SY)(A;;FRFX;;;WD)", false);
  }
  void Add(absl::string_view path, absl::string_view sddl, bool directory, bool read_only = false) {
    ASSERT_TRUE(tree_.Add(path, {Sddl(sddl), directory, read_only}).ok()) << path;
  }
  Decision Do(absl::string_view path, FileOp op, absl::string_view target = {}) {
    return CheckFileOp(tree_, path, op, run_, target).decision;
  }
  Decision AsDeveloper(absl::string_view path, FileOp op, absl::string_view target = {}) {
    return CheckFileOp(tree_, path, op, DeveloperToken(), target).decision;
  }
  MemoryTree tree_;
  Token run_ = RunToken();
};

struct OpCase {
  const char* path;
  FileOp op;
  const char* target;
  Decision run;
  Decision developer;  // the control
};

TEST_F(FileOps, OfARunInsideAndOutsideItsRoot) {
  constexpr Decision kYes = Decision::kGranted;
  constexpr Decision kNo = Decision::kDenied;
  constexpr Decision kMay = Decision::kUnknown;
  constexpr OpCase kCases[] = {
      {"C:\\ws\\main.cc", FileOp::kRead, "", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kWrite, "", kYes, kYes},
      {"c:/WS/Main.CC", FileOp::kAppend, "", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kRemove, "", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kSetAttributes, "", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kSetDacl, "", kNo, kYes},
      {"C:\\ws\\main.cc", FileOp::kSetOwner, "", kNo, kYes},
      {"C:\\ws\\main.cc", FileOp::kReadDescriptor, "", kYes, kYes},
      {"C:\\ws", FileOp::kList, "", kYes, kYes},
      {"C:\\ws\\new.txt", FileOp::kCreateFile, "", kYes, kYes},
      {"C:\\ws\\new", FileOp::kCreateDirectory, "", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kCreateFile, "", kNo, kNo},  // the name is taken
      {"C:\\ws\\none", FileOp::kRead, "", kNo, kNo},
      {"C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\other.cc", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\src\\main.cc", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\src", kNo, kNo},          // by a file no directory is replaced
      {"C:\\ws\\src", FileOp::kRename, "C:\\ws\\lib", kMay, kMay},            // by a directory an empty one is,
      {"C:\\ws\\src", FileOp::kRename, "C:\\Users\\dev\\.ssh", kNo, kMay},    // where it may be added,
      {"C:\\ws\\src", FileOp::kRename, "C:\\ws\\main.cc", kMay, kMay},        // and a file by MoveFileExW
      {"C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\read.only", kYes, kYes},  // read-only holds nobody up
      {"C:\\ws\\read.only", FileOp::kRename, "C:\\ws\\now.this", kYes, kYes},
      {"C:\\ws\\read.only", FileOp::kWrite, "", kYes, kYes},
      {"C:\\ws\\read.only", FileOp::kRemove, "", kYes, kYes},
      {"C:\\ws\\read.only", FileOp::kSetAttributes, "", kYes, kYes},
      {"C:\\ws\\main.cc", FileOp::kRename, "C:\\Users\\dev\\main.cc", kNo, kYes},
      {"C:\\ws\\main.cc", FileOp::kLink, "C:\\ws\\again.cc", kYes, kYes},
      {"C:\\ws\\src", FileOp::kLink, "C:\\ws\\again", kNo, kNo},
      {"C:\\Users\\dev\\notes.txt", FileOp::kRead, "", kYes, kYes},
      {"C:\\Users\\dev\\notes.txt", FileOp::kWrite, "", kNo, kYes},
      {"C:\\Users\\dev\\notes.txt", FileOp::kAppend, "", kNo, kYes},
      {"C:\\Users\\dev\\notes.txt", FileOp::kSetAttributes, "", kNo, kYes},
      {"C:\\Users\\dev\\notes.txt", FileOp::kLink, "C:\\ws\\notes.txt", kMay, kYes},  // see below
      {"C:\\Users\\dev\\new", FileOp::kCreateFile, "", kNo, kYes},
      {"C:\\system\\a.dll", FileOp::kExecute, "", kYes, kYes},
      {"C:\\system\\a.dll", FileOp::kWrite, "", kNo, kNo},
      {"C:\\system\\a.dll", FileOp::kRemove, "", kNo, kNo},
  };
  for (const OpCase& row : kCases) {
    EXPECT_EQ(Do(row.path, row.op, row.target), row.run) << row.path << " " << ToString(row.op) << " " << row.target;
    EXPECT_EQ(AsDeveloper(row.path, row.op, row.target), row.developer)
        << row.path << " " << ToString(row.op) << " " << row.target;
  }
}

// The hole of write-restricted tokens: FILE_DELETE_CHILD of a directory is the user's, so what lies in it can be
// deleted, and moved to where the run may add, though nothing of it can be written.
TEST_F(FileOps, DeletionOutsideIsOpen) {
  EXPECT_EQ(Do("C:\\Users\\dev\\notes.txt", FileOp::kRemove), Decision::kGranted);
  EXPECT_EQ(Do("C:\\Users\\dev\\notes.txt", FileOp::kRename, "C:\\ws\\notes.txt"), Decision::kGranted);
  EXPECT_EQ(Do("C:\\ws\\.git", FileOp::kRemove), Decision::kGranted);
  const FileOpVerdict verdict = CheckFileOp(tree_, "C:\\Users\\dev\\notes.txt", FileOp::kRemove, run_);
  ASSERT_EQ(verdict.steps.size(), 2u);
  EXPECT_EQ(verdict.steps[0].verdict.pass, Pass::kRestricted);
  EXPECT_EQ(verdict.steps[1].path, "c:\\users\\dev");
  EXPECT_THAT(verdict.Describe(tree_),
              HasSubstr("c:\\users\\dev: FILE_DELETE_CHILD of its directory: granted 0x40 by dacl"));
}

// What mends it for a protected name: a deny entry, not inheritable, on the directory for the user.
TEST_F(FileOps, ADenyEntryOnTheDirectoryClosesIt) {
  MemoryTree tree;
  ASSERT_TRUE(
      tree.Add("C:\\ws", {Sddl("O:S-1-5-21-1-2-3-1001D:(D;;0x40;;;S-1-5-21-1-2-3-1001)(A;OICI;0x1301bf;;;S-1-5-21-"
                               "900-11-12-13)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)"),
                          true})
          .ok());
  ASSERT_TRUE(tree.Add("C:\\ws\\.git", *tree_.Find("c:\\ws\\.git")).ok());
  EXPECT_EQ(CheckFileOp(tree, "C:\\ws\\.git", FileOp::kRemove, run_).decision, Decision::kDenied);
  EXPECT_EQ(CheckFileOp(tree, "C:\\ws\\.git", FileOp::kRename, run_, "C:\\ws\\old").decision, Decision::kDenied);
  // The host itself still deletes, through DELETE on the child.
  EXPECT_EQ(CheckFileOp(tree, "C:\\ws\\.git", FileOp::kRemove, DeveloperToken()).decision, Decision::kGranted);
}

TEST_F(FileOps, ReplacingAsksForTheTargetsDeletion) {
  Add("C:\\ws\\kept", "O:SYD:(A;;FR;;;WD)", false);
  EXPECT_EQ(AsDeveloper("C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\kept"), Decision::kGranted);  // by the directory
  Add("C:\\ws\\locked", "O:S-1-5-21-1-2-3-1001D:(A;OICI;0x1301bf;;;WD)", true);
  Add("C:\\ws\\locked\\kept", "O:SYD:(A;;FR;;;WD)", false);
  EXPECT_EQ(AsDeveloper("C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\locked\\kept"), Decision::kDenied);
  EXPECT_EQ(AsDeveloper("C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\locked\\new"), Decision::kGranted);
}

TEST_F(FileOps, RenameWithinADirectoryThatMayNotBeAddedToIsUnknown) {
  Add("C:\\box", "O:SYD:(A;OICI;FRFX;;;WD)", true);
  Add("C:\\box\\mine", "O:SYD:(A;;FA;;;WD)", false);
  Add("C:\\bin", "O:SYD:(A;OICI;FRFX;;;WD)", true);
  EXPECT_EQ(AsDeveloper("C:\\box\\mine", FileOp::kRename, "C:\\box\\new"), Decision::kUnknown);
  EXPECT_EQ(AsDeveloper("C:\\box\\mine", FileOp::kRename, "C:\\bin\\new"), Decision::kDenied);
}

TEST_F(FileOps, ReadingAttributesComesWithListing) {
  Add("C:\\ws\\closed", "O:SYD:", false);
  EXPECT_EQ(Do("C:\\ws\\closed", FileOp::kReadAttributes), Decision::kGranted);
  EXPECT_EQ(Do("C:\\ws\\closed", FileOp::kRead), Decision::kDenied);
}

TEST_F(FileOps, WhatIsNotKnownIsUnknownWhereItMatters) {
  ASSERT_TRUE(tree_.Add("C:\\ws\\unreadable", {std::nullopt, false, false}).ok());
  EXPECT_EQ(Do("C:\\ws\\unreadable", FileOp::kWrite), Decision::kUnknown);
  EXPECT_EQ(Do("C:\\ws\\unreadable", FileOp::kRemove), Decision::kGranted);  // the directory's right suffices
  Add("D:\\alone\\file", "O:SYD:(A;;FR;;;WD)", false);                       // its directory is not in the tree
  EXPECT_EQ(Do("D:\\alone\\file", FileOp::kRemove), Decision::kUnknown);
  EXPECT_EQ(Do("D:\\alone\\file", FileOp::kWrite), Decision::kDenied);
  EXPECT_EQ(Do("D:\\alone\\new", FileOp::kCreateFile), Decision::kUnknown);
}

// What is read-only is made writable before it is written, which is a right of its own.
TEST_F(FileOps, ReadOnlyIsAnAttributeLikeOthers) {
  Add("C:\\ws\\data", "O:SYD:(A;;0x3;;;WD)", false, true);
  Add("C:\\ws\\data.too", "O:SYD:(A;;0x3;;;WD)", false, false);
  Add("C:\\ws\\attributes", "O:SYD:(A;;0x103;;;WD)", false, true);
  EXPECT_EQ(Do("C:\\ws\\data", FileOp::kWrite), Decision::kDenied);
  EXPECT_EQ(Do("C:\\ws\\data.too", FileOp::kWrite), Decision::kGranted);
  EXPECT_EQ(Do("C:\\ws\\attributes", FileOp::kWrite), Decision::kGranted);
  EXPECT_EQ(Do("C:\\ws\\data", FileOp::kRead), Decision::kGranted);
}

// Only of tokens that it takes for sandboxed ones does the system below CreateHardLinkW ask for FILE_WRITE_ATTRIBUTES.
TEST_F(FileOps, LinkingToWhatMayBeOpenedIsNotDenied) {
  Add("C:\\ws\\shown", "O:SYD:(A;;FR;;;WD)", false);
  EXPECT_EQ(AsDeveloper("C:\\ws\\shown", FileOp::kLink, "C:\\ws\\again"), Decision::kUnknown);
  EXPECT_EQ(AsDeveloper("C:\\ws\\shown", FileOp::kLink, "C:\\system\\again"), Decision::kDenied);
  EXPECT_EQ(AsDeveloper("C:\\ws\\main.cc", FileOp::kLink, "C:\\ws\\shown"), Decision::kGranted);  // and replaces it
  EXPECT_EQ(Do("C:\\ws\\main.cc", FileOp::kLink, "C:\\system\\a.dll"), Decision::kDenied);
  EXPECT_EQ(AsDeveloper("C:\\ws\\main.cc", FileOp::kLink, "C:\\ws\\src"), Decision::kDenied);
  Add("C:\\ws\\owned", "O:S-1-5-21-1-2-3-1001D:", false);  // READ_CONTROL is enough of a handle
  EXPECT_EQ(AsDeveloper("C:\\ws\\owned", FileOp::kLink, "C:\\ws\\again"), Decision::kUnknown);
  Add("C:\\shut", "O:SYD:(A;;FX;;;WD)", true);
  Add("C:\\shut\\file", "O:SYD:", false);
  EXPECT_EQ(AsDeveloper("C:\\shut\\file", FileOp::kLink, "C:\\ws\\again"), Decision::kDenied);
}

// A spelling that opens another file, or a part of one, is no proof that nothing is there.
TEST_F(FileOps, UnresolvedPathsAreUnknown) {
  for (const char* path : {"C:\\ws\\src\\..\\main.cc", "C:\\ws\\.\\main.cc", "C:\\ws\\main.cc.", "C:\\ws\\main.cc ",
                           "C:\\ws\\main.cc::$DATA", "C:\\ws\\main.cc:part", "C:\\none\\here"}) {
    EXPECT_EQ(Do(path, FileOp::kRead), Decision::kUnknown) << path;
  }
  EXPECT_EQ(Do("C:\\ws\\none", FileOp::kRead), Decision::kDenied);
  EXPECT_EQ(Do("C:\\ws\\main.cc", FileOp::kRename, "C:\\ws\\..\\system\\x"), Decision::kUnknown);
}

// Learn, "Bypass traverse checking": without the privilege each directory above has to let the token through, unless
// the file is opened by its id, or from the handle of a directory.
TEST_F(FileOps, TraversalWithoutChangeNotify) {
  Token token = DeveloperToken();
  token.privileges = {};
  MemoryTree tree;
  ASSERT_TRUE(tree.Add("C:", {Sddl("O:SYD:(A;;FX;;;WD)"), true, false}).ok());
  ASSERT_TRUE(tree.Add("C:\\shut", {Sddl("O:SYD:(A;;FR;;;WD)"), true, false}).ok());
  ASSERT_TRUE(tree.Add("C:\\shut\\file", {Sddl("O:SYD:(A;;FA;;;WD)"), false, false}).ok());
  ASSERT_TRUE(tree.Add("C:\\shut\\secret", {Sddl("O:SYD:"), false, false}).ok());
  ASSERT_TRUE(tree.Add("C:\\open", {Sddl("O:SYD:(A;;FX;;;WD)"), false, false}).ok());
  EXPECT_EQ(CheckFileOp(tree, "C:\\shut\\file", FileOp::kRead, token).decision, Decision::kUnknown);
  EXPECT_EQ(CheckFileOp(tree, "C:\\shut\\secret", FileOp::kRead, token).decision, Decision::kDenied);
  EXPECT_EQ(CheckFileOp(tree, "C:\\open", FileOp::kExecute, token).decision, Decision::kGranted);
  EXPECT_EQ(CheckFileOp(tree, "C:\\shut\\file", FileOp::kRead, DeveloperToken()).decision, Decision::kGranted);
}

TEST(FileTree, Paths) {
  EXPECT_EQ(NormalTreePath("C:/Ws\\\\Src\\"), "c:\\ws\\src");
  EXPECT_EQ(NormalTreePath("\\\\Server\\Share\\A"), "\\\\server\\share\\a");
  EXPECT_EQ(TreeParent("c:\\ws\\src"), "c:\\ws");
  EXPECT_EQ(TreeParent("c:"), "");
  EXPECT_EQ(TreeParent("\\\\server"), "");
  MemoryTree tree;
  EXPECT_EQ(tree.Add("C:\\a\\..\\b", {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tree.Add("", {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(tree.Add("C:\\a", {}).ok());
  EXPECT_EQ(tree.Add("c:/A/", {}).code(), absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace paddock::access
