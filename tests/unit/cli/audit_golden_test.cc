#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "cli/app.h"
#include "tests/support/golden.h"

// What `paddock audit --json` says of the example, for each kind of token, to the byte, on whatever system this runs.

namespace paddock::cli {
namespace {

TEST(AuditGolden, JsonOfTheExample) {
  for (const std::string token : {"windows_token", "appcontainer", "lpac", "low_integrity"}) {
    StringOutput out, err;
    Messages messages(err);
    EXPECT_EQ(AppMain({"audit", "--snapshot", SourcePath("examples/windows/workspace.jsonl"), "--workspace",
                       "C:\\Users\\dev\\ws", "--token", token, "--json"},
                      {out, messages, false}),
              1)
        << err.text();
    ExpectGolden("tests/golden/audit/" + token + ".json", absl::StrReplaceAll(out.text(), {{SourcePath(""), ""}}));
  }
}

}  // namespace
}  // namespace paddock::cli
