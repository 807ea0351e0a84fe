#include "core/access/sddl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/access/binary.h"
#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

using testing::HasSubstr;

struct Accepted {
  const char* text;
  const char* canonical;  // "": the same
};

// Texts of MS-DTYP 2.5.1.4 and Learn's "Security Descriptor String Format", of `icacls /save`, and edge cases.
constexpr Accepted kAccepted[] = {
    {"", ""},
    {"O:BA", ""},
    {"O:BAG:SY", ""},
    {"D:", ""},
    {"D:NO_ACCESS_CONTROL", ""},
    {"D:P", ""},
    {"D:PNO_ACCESS_CONTROL", ""},
    {"O:SYG:BAD:PAI(A;OICI;FA;;;SY)", ""},
    {"O:AOG:SYD:(A;;RPWPCCDCLCSWRCWDWOGA;;;S-1-0-0)", "O:AOG:SYD:(A;;0x100e003f;;;S-1-0-0)"},
    {"D:(A;OICIID;0x1301bf;;;BU)(D;;DT;;;WD)", "D:(A;OICIID;0x1301bf;;;BU)(D;;0x40;;;WD)"},
    {"D:(A;;GRGX;;;S-1-5-21-1-2-3-1001)", "D:(A;;GXGR;;;S-1-5-21-1-2-3-1001)"},
    {"D:(A;;17;;;WD)(A;;021;;;WD)(A;;0X11;;;WD)", "D:(A;;0x11;;;WD)(A;;0x11;;;WD)(A;;0x11;;;WD)"},
    {"D:(A;;;;;WD)", "D:(A;;0x0;;;WD)"},
    {"D:ARAIS:AR", ""},
    {"D:(A;;FA;;;LA)", "D:(A;;FA;;;S-1-5-21-1-2-3-500)"},
    {"S:(ML;;NW;;;LW)", ""},
    {"S:(ML;OICI;NRNW;;;S-1-16-4352)", "S:(ML;OICI;NWNR;;;S-1-16-4352)"},
    {"S:PAI(AU;SAFA;FA;;;WD)", ""},
    {"D:(OA;;0x100;bf967aba-0de6-11d0-a285-00aa003049e2;;AU)", ""},
    {"D:(OD;;0x100;;BF967ABA-0DE6-11D0-A285-00AA003049E2;AU)",
     "D:(OD;;0x100;;bf967aba-0de6-11d0-a285-00aa003049e2;AU)"},
    {"D:(XA;;FX;;;S-1-1-0;(@User.Title==\"PM\" && (@User.Division==\"a)b\")))",
     "D:(XA;;FX;;;WD;(@User.Title==\"PM\" && (@User.Division==\"a)b\")))"},
    {"S:(RA;;;;;WD;(\"Secrecy\",TU,0,3))", "S:(RA;;0x0;;;WD;(\"Secrecy\",TU,0,3))"},
    {"S:(SP;;;;;S-1-17-1)(TL;;0x1;;;S-1-19-512-4096)", "S:(SP;;0x0;;;S-1-17-1)(TL;;0x1;;;S-1-19-512-4096)"},
    {"O:S-1-5-21-1-2-3-1000G:S-1-5-32-544D:(A;;FA;;;OW)", "O:S-1-5-21-1-2-3-1000G:BAD:(A;;FA;;;OW)"},
    {"O:LSD:(A;;CC;;;S-1-5-21-1-2-3-1001)", "O:LSD:(A;;0x1;;;S-1-5-21-1-2-3-1001)"},
};

TEST(Sddl, ReadsAndWritesBackTheSame) {
  SddlDomains domains;
  domains.machine = kMachine;
  for (const Accepted& row : kAccepted) {
    const auto descriptor = ParseSddl(row.text, domains);
    ASSERT_TRUE(descriptor.ok()) << row.text << ": " << descriptor.status();
    const auto text = ToSddl(*descriptor);
    ASSERT_TRUE(text.ok()) << row.text << ": " << text.status();
    EXPECT_EQ(*text, *row.canonical == 0 ? row.text : row.canonical);
    EXPECT_EQ(*ParseSddl(*text, domains), *descriptor) << row.text;
  }
}

struct Refused {
  const char* text;
  const char* offset;
  const char* remedy;
};

constexpr Refused kRefused[] = {
    {"X:BA", "offset 0", "O: G: D: S:"},
    {"G:SYO:BA", "offset 4", "in this order"},
    {"O:BAO:BA", "offset 4", "each once"},
    {"O:", "offset 2", "S-1-..."},
    {"O:ba", "offset 2", "capital letters"},
    {"O:S-1-5-", "offset 2", "S-1-5-32-544"},
    {"O:DA", "offset 2", "the SID of the domain"},
    {"D:(A;;FA;;;LA)", "offset 11", "the SID of the machine"},
    {"D:(A", "offset 4", "';'"},
    {"D:(A;;;;", "offset 8", "';'"},
    {"D:(A;;FA;;;WD", "offset 13", "')'"},
    {"D:(A;;FA;;;WD;(x))", "offset 13", "take the ';' away"},
    {"D:(Q;;FA;;;WD)", "offset 3", "A allows"},
    {"D:(a;;FA;;;WD)", "offset 3", "A allows"},
    {"D:(A;OIX;FA;;;WD)", "offset 7", "known are OI"},
    {"D:(A;;FZ;;;WD)", "offset 6", "known are GA"},
    {"D:(A;;0x;;;WD)", "offset 6", "digits"},
    {"D:(A;;0x123456789;;;WD)", "offset 6", "32 bits"},
    {"D:(A;;09;;;WD)", "offset 6", "021"},
    {"D:(A;;FA;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)", "offset 9", "object type"},
    {"D:(OA;;FA;bf967aba;;WD)", "offset 10", "bf967aba-0de6"},
    {"D:(OA;;FA;bf967aba-0de6-11d0-a285-00aa003049eg;;WD)", "offset 10", "bf967aba-0de6"},
    {"D: (A;;FA;;;WD)", "offset 2", "neither an entry"},
    {"D:(A;;FA;;;WD) ", "offset 14", "neither an entry"},
    {"D:NO_ACCESS_CONTROL(A;;FA;;;WD)", "offset 20", "take one of them away"},
    {"D:(XA;;FA;;;WD;x)", "offset 15", "'('"},
    {"D:(XA;;FA;;;WD;(\"open)", "offset 15", "close its quotes"},
    {"S:(ML;;FA;;;LW)", "offset 7", "known are NW"},
};

TEST(Sddl, RefusesWithAnOffsetAndARemedy) {
  for (const Refused& row : kRefused) {
    const auto descriptor = ParseSddl(row.text);
    ASSERT_FALSE(descriptor.ok()) << row.text;
    EXPECT_EQ(descriptor.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(descriptor.status().message(), HasSubstr(row.offset)) << row.text;
    EXPECT_THAT(descriptor.status().message(), HasSubstr(row.remedy)) << row.text;
  }
}

TEST(Sddl, BoundsLengthEntriesAndNesting) {
  const auto entries = [](size_t count) {
    std::string text = "D:";
    for (size_t i = 0; i < count; ++i) text += "(A;;FA;;;WD)";
    return text;
  };
  EXPECT_TRUE(ParseSddl(entries(kMaxAces)).ok());
  EXPECT_THAT(ParseSddl(entries(kMaxAces + 1)).status().message(), HasSubstr("more than 4096"));
  EXPECT_FALSE(ParseSddl(std::string(kMaxSddlLength + 1, 'O')).ok());
  const auto nested = [](size_t depth) {
    return "D:(XA;;FA;;;WD;" + std::string(depth, '(') + std::string(depth, ')') + ")";
  };
  EXPECT_TRUE(ParseSddl(nested(64)).ok());
  EXPECT_THAT(ParseSddl(nested(65)).status().message(), HasSubstr("more than 64 parentheses"));
}

TEST(Sddl, SaysWhatItCannotWrite) {
  SecurityDescriptor descriptor = Sddl("O:BAD:(A;;FA;;;WD)");
  EXPECT_TRUE(ToSddl(descriptor).ok());
  SecurityDescriptor changed = descriptor;
  changed.control = kOwnerDefaulted;
  EXPECT_THAT(ToSddl(changed).status().message(), HasSubstr("control bits 0x0001"));
  changed = descriptor;
  changed.dacl.aces[0].data = "1234";
  EXPECT_THAT(ToSddl(changed).status().message(), HasSubstr("4 bytes behind its SID"));
  changed = descriptor;
  changed.dacl.aces[0].type = static_cast<AceType>(0x40);
  EXPECT_THAT(ToSddl(changed).status().message(), HasSubstr("type 0x40"));
  changed = descriptor;
  changed.dacl.revision = 3;
  EXPECT_FALSE(ToSddl(changed).ok());
}

TEST(Sddl, ReadsASidAlone) {
  EXPECT_EQ(*ParseSddlSid("BA"), kAdministrators);
  EXPECT_EQ(*ParseSddlSid("S-1-1-0"), kEveryone);
  EXPECT_FALSE(ParseSddlSid("BAX").ok());
  SddlDomains domains;
  domains.domain = Sid(5, {21, 7, 8, 9});
  EXPECT_EQ(ParseSddlSid("DA", domains)->ToString(), "S-1-5-21-7-8-9-512");
  // The domain may not be its forest's root: with its SID the entry would be somebody else's.
  EXPECT_FALSE(ParseSddlSid("EA", domains).ok());
  domains.forest = Sid(5, {21, 4, 5, 6});
  EXPECT_EQ(ParseSddlSid("EA", domains)->ToString(), "S-1-5-21-4-5-6-519");
}

// What has a text comes back from both forms as it was, whatever was drawn.
TEST(Sddl, RoundTripsOfRandomDescriptors) {
  Random random(20261129);
  int with_text = 0;
  for (int i = 0; i < 5000; ++i) {
    const SecurityDescriptor descriptor = RandomDescriptor(random, false);
    const auto bytes = ToBinary(descriptor);
    ASSERT_TRUE(bytes.ok()) << i << ": " << bytes.status();
    const auto from_bytes = ParseBinary(*bytes);
    ASSERT_TRUE(from_bytes.ok()) << i << ": " << from_bytes.status();
    ASSERT_EQ(*from_bytes, descriptor) << i;
    const auto text = ToSddl(descriptor);
    if (!text.ok()) continue;
    ++with_text;
    const auto from_text = ParseSddl(*text);
    ASSERT_TRUE(from_text.ok()) << i << ": " << *text << ": " << from_text.status();
    ASSERT_EQ(*from_text, descriptor) << i << ": " << *text;
  }
  EXPECT_GT(with_text, 2000);
}

}  // namespace
}  // namespace paddock::access
