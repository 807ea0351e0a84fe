#include "cli/render_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace paddock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

audit::AuditReport OneFinding(audit::Severity severity) {
  audit::Finding finding;
  finding.kind = &audit::KindOf("secrets_readable");
  finding.severity = severity;
  finding.count = 12;
  for (int i = 0; i < 10; ++i) finding.paths.push_back({"/ws/k" + std::to_string(i), "private key"});
  finding.paths.front().path = "/ws/\x1b[2J\n";
  finding.commands = {"paddock run --hide " + audit::ShellWord(finding.paths.front().path) + std::string(200, 'x')};
  audit::AuditReport report;
  report.workspace = "/ws";
  report.findings.push_back(std::move(finding));
  return report;
}

TEST(RenderAudit, AFindingWithItsPathsAndWhatToDo) {
  const std::string text = RenderAudit(OneFinding(audit::Severity::kHigh), false);
  EXPECT_THAT(text, StartsWith("Weak spots: 1 high, 0 medium;"));
  EXPECT_THAT(text, HasSubstr("HIGH files with secrets that the command can read (secrets_readable)\n"));
  EXPECT_THAT(text, HasSubstr("- /ws/\\x1B[2J\\n: private key\n"));
  EXPECT_THAT(text, HasSubstr("and 4 more"));
  EXPECT_THAT(text, HasSubstr("remedy: hide them"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(RenderAudit, ACommandIsOneLineToCopy) {
  EXPECT_THAT(RenderAudit(OneFinding(audit::Severity::kHigh), false),
              HasSubstr("$ paddock run --hide $'/ws/\\033[2J\\012'" + std::string(200, 'x') + "\n"));
}

TEST(RenderAudit, NothingStrong) {
  EXPECT_THAT(RenderAudit(OneFinding(audit::Severity::kLow), false),
              StartsWith("No weak spot of high or medium severity; 1 low"));
  EXPECT_THAT(RenderAudit({}, false), HasSubstr("since none could be planned"));
}

TEST(RenderAudit, ColoursAreItsOwn) {
  EXPECT_THAT(RenderAudit(OneFinding(audit::Severity::kHigh), true), HasSubstr("\x1b[31m"));
}

}  // namespace
}  // namespace paddock::cli
