#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/policy/schema.h"
#include "tests/support/golden.h"

namespace paddock {
namespace {

TEST(PolicySchemaTest, ThePublishedSchemaIsThatOfTheTable) {
  ExpectGolden("docs/schema/policy.schema.json", DumpJson(PolicyJsonSchema()));
}

// Every key has a heading of its own in the documentation, and so has every guarantee.
TEST(PolicyDocumentationTest, NamesEveryKey) {
  const std::string page = ReadSource("docs/policy.md");
  for (const KeyInfo& info : PolicyKeys()) {
    if (!info.in_files) continue;
    EXPECT_NE(page.find(absl::StrCat("`", KeyPath(info.key), "`")), std::string::npos) << KeyPath(info.key);
    for (const absl::string_view value : info.values) {
      EXPECT_NE(page.find(absl::StrCat("`", value, "`")), std::string::npos) << value;
    }
  }
  for (const Guarantee guarantee : kAllGuarantees) {
    for (size_t level = 0; level < LevelCount(guarantee); ++level) {
      const std::string name(LevelName(guarantee, static_cast<Level>(level)));
      EXPECT_NE(page.find(absl::StrCat("`", name, "`")), std::string::npos) << name;
    }
  }
}

}  // namespace
}  // namespace paddock
