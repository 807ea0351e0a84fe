#include "core/access/binary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

using testing::HasSubstr;

// O:S-1-5-21-1-2-3-1000 G:BA D:(A;;0x1f;;;WD), as another implementation (Samba's NDR) writes it.
constexpr absl::string_view kForeign =
    "0100048014000000300000000000000040000000010500000000000515000000010000000200000003000000e8030000"
    "0102000000000005200000002002000004001c0001000000000014001f000000010100000000000100000000";

TEST(Binary, ReadsWhatOthersWrite) {
  const auto descriptor = ParseBinary(absl::HexStringToBytes(kForeign));
  ASSERT_TRUE(descriptor.ok()) << descriptor.status();
  EXPECT_EQ(descriptor->owner->ToString(), "S-1-5-21-1-2-3-1000");
  EXPECT_EQ(descriptor->group, kAdministrators);
  ASSERT_EQ(descriptor->dacl.aces.size(), 1u);
  EXPECT_EQ(descriptor->dacl.aces[0], AllowAce(kEveryone, 0x1f));
  EXPECT_EQ(descriptor->dacl.revision, 4);
  EXPECT_EQ(descriptor->sacl_state, AclState::kAbsent);
}

TEST(Binary, TellsAbsentFromNullFromEmpty) {
  for (const char* text : {"O:BA", "O:BAD:NO_ACCESS_CONTROL", "O:BAD:", "O:BAD:P(A;;FA;;;WD)S:(ML;;NW;;;LW)"}) {
    const SecurityDescriptor descriptor = Sddl(text);
    const auto bytes = ToBinary(descriptor);
    ASSERT_TRUE(bytes.ok()) << text;
    EXPECT_EQ(*ParseBinary(*bytes), descriptor) << text;
  }
}

TEST(Binary, RefusesEveryTruncation) {
  const std::string whole = absl::HexStringToBytes(kForeign);
  ASSERT_TRUE(ParseBinary(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseBinary(absl::string_view(whole).substr(0, size)).ok()) << size;
  }
}

TEST(Binary, ChangedBytesNeverCrashAndNameAnOffset) {
  const std::string whole = absl::HexStringToBytes(kForeign);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const auto descriptor = ParseBinary(changed);
      if (descriptor.ok()) continue;
      EXPECT_THAT(descriptor.status().message(), HasSubstr("offset"));
    }
  }
}

struct Damage {
  size_t at;
  char value;
  const char* message;
};

TEST(Binary, SaysWhatIsWrong) {
  constexpr Damage kDamages[] = {
      {0, 2, "revision other than 1"},
      {3, 0, "not self-relative"},
      {4, 7, "a SID outside"},
      {16, 8, "a list outside"},
      {0x40, 9, "revision that is none"},
      {0x42, 7, "smaller than its head"},
      {0x43, 1, "ends behind the descriptor"},
      {0x44, 2, "more entries announced"},
      {0x4a, 15, "no multiple of 4"},
      {0x4a, 24, "ends behind its list"},
      {0x4a, 0, "size is too small"},
      {0x51, 0, "0 subauthorities"},
      {0x51, 9, "9 subauthorities do not fit"},
  };
  for (const Damage& damage : kDamages) {
    std::string bytes = absl::HexStringToBytes(kForeign);
    bytes[damage.at] = damage.value;
    EXPECT_THAT(ParseBinary(bytes).status().message(), HasSubstr(damage.message)) << damage.at;
  }
}

TEST(Binary, RefusesWhatItCannotWrite) {
  EXPECT_THAT(ToBinary(Sddl("D:(XA;;FA;;;WD;(a==1))")).status().message(), HasSubstr("came as text"));
  SecurityDescriptor descriptor = Sddl("D:");
  for (int i = 0; i < 3300; ++i) descriptor.dacl.aces.push_back(AllowAce(kEveryone, 1));  // 20 bytes each
  EXPECT_THAT(ToBinary(descriptor).status().message(), HasSubstr("65,535"));
  descriptor.dacl.aces.resize(3276);
  EXPECT_TRUE(ToBinary(descriptor).ok());
}

TEST(Binary, KeepsConditionsAndUnknownEntries) {
  SecurityDescriptor descriptor = Sddl("O:BAD:(A;;FA;;;WD)");
  Ace conditional = AllowAce(kEveryone, kFileWriteData);
  conditional.type = AceType::kAllowCallback;
  conditional.data = std::string("artx\0\0\0\0", 8);
  Ace unknown;
  unknown.type = static_cast<AceType>(0x77);
  unknown.data = "12345678";
  descriptor.dacl.aces = {conditional, unknown};
  EXPECT_EQ(*ParseBinary(*ToBinary(descriptor)), descriptor);
}

}  // namespace
}  // namespace paddock::access
