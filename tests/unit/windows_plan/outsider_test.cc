#include "core/windows_plan/outsider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

using ::testing::HasSubstr;

constexpr char kDeveloper[] = "S-1-5-21-1000-2000-3000-1001";
constexpr char kStranger[] = "S-1-5-21-1000-2000-3000-1017";

OutsiderReads Judge(const std::string& sddl, bool denied = false, const std::string& developer = kDeveloper) {
  return JudgeOutsider({{sddl}, "", ""}, developer, denied);
}

std::string OfDeveloper(const std::string& entries) { return absl::StrCat("O:", kDeveloper, "D:", entries); }

struct Case {
  const char* name;
  std::string sddl;
  Tri kept_out;
  Tri with_denial;
};

// `with_denial` is the control of each grant: the same list behind an entry that denies the accounts' group everything.
TEST(OutsiderTest, DecidesListsOfAccess) {
  const std::string dev = kDeveloper, stranger = kStranger;
  const Case kCases[] = {
      {"a profile's", OfDeveloper("AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;" + dev + ")"), Tri::kYes, Tri::kYes},
      {"services, packages", OfDeveloper("(A;;FA;;;S-1-5-80-1-2-3-4-5)(A;;FR;;;AC)(A;;FR;;;S-1-15-3-1)"), Tri::kYes,
       Tri::kYes},
      {"nobody's", OfDeveloper(""), Tri::kYes, Tri::kYes},
      {"administrators' to own", "O:BAD:(A;;FA;;;BA)", Tri::kYes, Tri::kYes},
      {"users", OfDeveloper("(A;;0x1200a9;;;BU)"), Tri::kNo, Tri::kYes},
      {"everyone", OfDeveloper("(A;;FR;;;WD)"), Tri::kNo, Tri::kYes},
      {"authenticated users, to execute", OfDeveloper("(A;;0x20;;;AU)"), Tri::kNo, Tri::kYes},
      {"interactive, generic", OfDeveloper("(A;;GR;;;IU)"), Tri::kNo, Tri::kYes},
      {"users, to change the list", OfDeveloper("(A;;WD;;;BU)"), Tri::kNo, Tri::kYes},
      {"users, to take it", OfDeveloper("(A;;WO;;;BU)"), Tri::kNo, Tri::kYes},
      {"users, to write and see attributes", OfDeveloper("(A;;0x120196;;;BU)"), Tri::kYes, Tri::kYes},
      {"users, for what is made below", OfDeveloper("(A;OICIIO;FA;;;BU)"), Tri::kYes, Tri::kYes},
      {"no list", "O:" + dev, Tri::kNo, Tri::kYes},
      {"a null list", "O:" + dev + "D:NO_ACCESS_CONTROL", Tri::kNo, Tri::kYes},
      {"another account", OfDeveloper("(A;;FA;;;" + stranger + ")"), Tri::kUnknown, Tri::kYes},
      {"another account's own", "O:" + stranger + "D:(A;;FA;;;" + dev + ")", Tri::kUnknown, Tri::kUnknown},
      {"another account's own, whose owner has nothing", "O:" + stranger + "D:(A;;RC;;;OW)(A;;FA;;;" + dev + ")",
       Tri::kYes, Tri::kYes},
      {"a group of the machine", OfDeveloper("(A;;FR;;;S-1-5-32-580)"), Tri::kUnknown, Tri::kYes},
      {"everyone, denied to users", OfDeveloper("(D;;FA;;;BU)(A;;FR;;;WD)"), Tri::kYes, Tri::kYes},
      {"everyone, denied to somebody", OfDeveloper("(D;;FA;;;" + stranger + ")(A;;FR;;;WD)"), Tri::kNo, Tri::kYes},
      {"a condition", OfDeveloper("(XA;;FR;;;WD;(WIN://SYSAPPID))"), Tri::kUnknown, Tri::kYes},
      {"a condition that denies", OfDeveloper("(XD;;FA;;;WD;(WIN://SYSAPPID))(A;;FR;;;WD)"), Tri::kNo, Tri::kYes},
      {"without an owner", "D:(A;;FA;;;" + dev + ")", Tri::kUnknown, Tri::kUnknown},
      {"no text of a list", "O:D:", Tri::kUnknown, Tri::kUnknown},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(Judge(test.sddl).kept_out, test.kept_out) << test.name << ": " << Judge(test.sddl).why;
    EXPECT_EQ(Judge(test.sddl, true).kept_out, test.with_denial) << test.name << ": " << Judge(test.sddl, true).why;
  }
}

TEST(OutsiderTest, NamesTheEntryThatOpens) {
  EXPECT_THAT(Judge(OfDeveloper("(A;;FA;;;SY)(A;;0x1200a9;;;BU)")).why, HasSubstr("(A;;0x1200a9;;;BU)"));
  EXPECT_THAT(Judge(OfDeveloper(absl::StrCat("(A;;FA;;;", kStranger, ")"))).why, HasSubstr("belong to"));
}

// One open file is enough, wherever it stands.
TEST(OutsiderTest, TheWorstListDecides) {
  const std::string closed = OfDeveloper("(A;;FA;;;SY)"), open = OfDeveloper("(A;;FR;;;WD)");
  const std::string doubtful = OfDeveloper(absl::StrCat("(A;;FR;;;", kStranger, ")"));
  EXPECT_EQ(JudgeOutsider({{closed, closed}, "", ""}, kDeveloper, false).kept_out, Tri::kYes);
  EXPECT_EQ(JudgeOutsider({{closed, doubtful}, "", ""}, kDeveloper, false).kept_out, Tri::kUnknown);
  EXPECT_EQ(JudgeOutsider({{doubtful, open, closed}, "", ""}, kDeveloper, false).kept_out, Tri::kNo);
  EXPECT_EQ(JudgeOutsider({{closed}, "", "cut short"}, kDeveloper, false).kept_out, Tri::kUnknown);
  EXPECT_EQ(JudgeOutsider({}, kDeveloper, false).kept_out, Tri::kUnknown);
}

// The developer's own entries are somebody's who may be anybody, if nobody knows who the developer is.
TEST(OutsiderTest, WithoutTheUsersSidNothingIsClosedThatNamesIt) {
  const std::string profile = OfDeveloper(absl::StrCat("(A;;FA;;;SY)(A;;FA;;;", kDeveloper, ")"));
  EXPECT_EQ(Judge(profile).kept_out, Tri::kYes);
  EXPECT_EQ(Judge(profile, false, "").kept_out, Tri::kUnknown);
}

// Of a name that does not exist, the directory above: what it lets in itself says nothing, what it passes on does.
TEST(OutsiderTest, WhatDoesNotExistInheritsWhatIsAbove) {
  const auto below = [](const std::string& entries) {
    return JudgeOutsider({{OfDeveloper(entries)}, "C:\\dir", ""}, kDeveloper, false).kept_out;
  };
  EXPECT_EQ(below("(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"), Tri::kYes);
  EXPECT_EQ(below("(A;OICI;FA;;;SY)(A;;FR;;;BU)"), Tri::kYes);
  EXPECT_EQ(below("(A;OICI;FA;;;SY)(A;OICI;FR;;;BU)"), Tri::kNo);
  EXPECT_EQ(below("(A;OICI;FA;;;SY)(A;OIIO;FR;;;BU)"), Tri::kNo);
  EXPECT_EQ(below("(A;;FR;;;BU)"), Tri::kYes);
  EXPECT_EQ(JudgeOutsider({{OfDeveloper("(A;OICI;FA;;;SY)")}, "C:\\dir", ""}, "", false).kept_out, Tri::kUnknown);
}

}  // namespace
}  // namespace paddock
