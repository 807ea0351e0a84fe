#ifndef PADDOCK_TESTS_UNIT_AUDIT_SNAPSHOT_FIXTURE_H_
#define PADDOCK_TESTS_UNIT_AUDIT_SNAPSHOT_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/audit/judge_snapshot.h"
#include "core/audit/snapshot_reader.h"

namespace paddock::audit {

// Descriptors that ordinary Windows trees have. "U" is the user, S-1-5-21-1-2-3-1001.
inline constexpr char kUser[] = "S-1-5-21-1-2-3-1001";
// Everything to administrators, reading to users: nothing for a run to change.
inline constexpr char kSystemDirectory[] = "O:BAG:SYD:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;BU)";
inline constexpr char kSystemFile[] = "O:BAG:SYD:AI(A;ID;FA;;;BA)(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)";
// What a profile has.
inline constexpr char kOwnDirectory[] =
    "O:S-1-5-21-1-2-3-1001G:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;S-1-5-21-1-2-3-1001)";
inline constexpr char kOwnFile[] = "O:S-1-5-21-1-2-3-1001G:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;S-1-5-21-1-2-3-1001)";
// The user may change and delete each thing, and has no FILE_DELETE_CHILD.
inline constexpr char kOwnWithoutDeleteChild[] =
    "O:S-1-5-21-1-2-3-1001G:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;S-1-5-21-1-2-3-1001)";

inline std::string Json(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

class SnapshotTest : public testing::Test {
 protected:
  static std::string Header(absl::string_view more = R"("labels":true)") {
    return absl::StrCat(R"({"schema":"paddock.snapshot/1","roots":["C:\\"],"user":"S-1-5-21-1-2-3-1001","groups":[)",
                        R"({"sid":"S-1-1-0","attributes":7},{"sid":"S-1-5-32-545","attributes":7},)",
                        R"({"sid":"S-1-5-11","attributes":7},{"sid":"S-1-5-32-544","attributes":16},)",
                        R"({"sid":"S-1-5-5-0-77","attributes":3221225479}],)", more, "}\n");
  }

  void Directory(absl::string_view path, absl::string_view sddl) { Line(path, R"(,"directory":true)", sddl); }
  void File(absl::string_view path, absl::string_view sddl) { Line(path, "", sddl); }
  void Line(absl::string_view path, absl::string_view flags, absl::string_view sddl) {
    absl::StrAppend(&lines_, R"({"path":)", Json(path), flags, R"(,"sddl":)", Json(sddl), "}\n");
    ++count_;
  }
  void Unread(absl::string_view path, absl::string_view error) {
    absl::StrAppend(&lines_, R"({"path":)", Json(path), R"(,"error":)", Json(error), "}\n");
    ++count_;
  }

  static absl::StatusOr<Snapshot> Read(absl::string_view text) {
    SnapshotReader reader("f");
    if (const absl::Status added = reader.Add(text); !added.ok()) return added;
    return std::move(reader).Finish();
  }
  Snapshot Taken() const {
    auto snapshot = Read(absl::StrCat(header_, lines_, R"({"end":true,"entries":)", count_, "}\n"));
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return snapshot.ok() ? *std::move(snapshot) : Snapshot();
  }

  AuditReport Judged(TokenKind kind = TokenKind::kWindowsToken) const { return JudgedOf(Taken(), kind); }
  AuditReport JudgedOf(const Snapshot& snapshot, TokenKind kind = TokenKind::kWindowsToken) const {
    const auto run = MakeRunToken(snapshot.account, kind, capabilities_);
    EXPECT_TRUE(run.ok()) << run.status();
    auto report = JudgeSnapshot({snapshot, *run, grants_, {".git\\hooks", ".git\\config", ".vscode"}});
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *std::move(report) : AuditReport();
  }
  // By id, without what is always there.
  std::map<std::string, Finding> Findings(TokenKind kind = TokenKind::kWindowsToken) const {
    return ById(Judged(kind));
  }
  static std::map<std::string, Finding> ById(AuditReport report) {
    std::map<std::string, Finding> found;
    for (Finding& finding : report.findings) {
      std::string id(finding.kind->id);
      if (id != "windows_model") found.emplace(std::move(id), std::move(finding));
    }
    return found;
  }
  static std::vector<std::string> Paths(const Finding& finding) {
    std::vector<std::string> paths;
    for (const FindingPath& path : finding.paths) paths.push_back(path.path);
    return paths;
  }

  std::string header_ = Header();
  std::string lines_;
  int count_ = 0;
  std::vector<std::string> grants_;
  std::vector<access::Sid> capabilities_;
};

}  // namespace paddock::audit

#endif  // PADDOCK_TESTS_UNIT_AUDIT_SNAPSHOT_FIXTURE_H_
