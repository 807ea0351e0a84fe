#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "cli/app.h"
#include "tests/support/golden.h"

// What `paddock explain --json` prints for recorded hosts, to the byte, on whatever system this runs. The tool built
// for Windows is held against the same files (tests/windows/cli_test.py).

namespace paddock::cli {
namespace {

struct RecordedHost {
  absl::string_view name;
  int status;
};

constexpr RecordedHost kHosts[] = {{"linux_6_8", kExitOk},           {"ubuntu_24_04_apparmor", kExitOk},
                                   {"unc_path", kExitPaddock},       {"windows_11_home", kExitOk},
                                   {"windows_11_pro_wsl2", kExitOk}, {"wsl_localhost_checkout", kExitOk}};

TEST(ExplainGolden, JsonOfRecordedHosts) {
  for (const auto& [host, status] : kHosts) {
    StringOutput out, err;
    Messages messages(err);
    const std::string facts = SourcePath(absl::StrCat("tests/fixtures/hosts/", host, ".json"));
    EXPECT_EQ(AppMain({"explain", "--host", facts, "--json"}, {out, messages, false}), status) << host << err.text();
    ExpectGolden(absl::StrCat("tests/golden/explain/", host, ".json"), out.text());
  }
}

}  // namespace
}  // namespace paddock::cli
