#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/render_doctor.h"
#include "core/doctor/doctor.h"
#include "tests/support/golden.h"
#include "tests/unit/rubric/rubric_hosts.h"

// What `paddock doctor` says about every host of tests/fixtures/hosts, to be reviewed like code.

namespace paddock {
namespace {

TEST(DoctorGoldenTest, EveryHostIsDiagnosedAsReviewed) {
  const std::vector<std::string> hosts = HostNames();
  ASSERT_GE(hosts.size(), 26u);
  for (const std::string& host : hosts) {
    const Facts facts = LoadHost(host);
    const Diagnosis diagnosis = Diagnose(AllBackends(), MakeAsk({}, facts), facts, "/usr/local/bin/paddock");
    ExpectGolden(absl::StrCat("tests/golden/doctor/", host, ".txt"), cli::RenderDiagnosis(diagnosis, false));
  }
}

}  // namespace
}  // namespace paddock
