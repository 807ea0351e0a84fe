#include "core/access/sid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace paddock::access {
namespace {

TEST(Sid, TextAndBytesOfAdministrators) {
  // Microsoft Learn, "Well-known SIDs": the bytes of S-1-5-32-544.
  const absl::StatusOr<Sid> sid = Sid::Parse("S-1-5-32-544");
  ASSERT_TRUE(sid.ok()) << sid.status();
  EXPECT_EQ(*sid, kAdministrators);
  EXPECT_EQ(sid->ToString(), "S-1-5-32-544");
  std::string bytes;
  sid->AppendBytes(&bytes);
  EXPECT_EQ(bytes, std::string("\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00", 16));
  EXPECT_EQ(*Sid::FromBytes(bytes), *sid);
}

TEST(Sid, LargeAuthoritiesAreHexadecimal) {
  // MS-DTYP 2.4.2.1: decimal below 2^32, else hexadecimal.
  const absl::StatusOr<Sid> sid = Sid::Parse("S-1-0x123456789ABC-7");
  ASSERT_TRUE(sid.ok()) << sid.status();
  EXPECT_EQ(sid->ToString(), "S-1-0x123456789ABC-7");
  EXPECT_EQ(Sid::Parse("S-1-0x5-32-544")->ToString(), "S-1-5-32-544");
}

TEST(Sid, RefusesWhatIsNone) {
  for (const char* text :
       {"", "S", "S-1-", "S-1-5", "S-1-5-", "S-2-5-1", "S-1-x-1", "S-1-5-4294967296", "S-1-281474976710656-1",
        "S-1-5-1-", "S-1-5--1", "S-1-5-1 ", "BA", "S-1-5-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1"}) {
    const absl::StatusOr<Sid> sid = Sid::Parse(text);
    EXPECT_FALSE(sid.ok()) << text;
    EXPECT_THAT(sid.status().message(), testing::HasSubstr("S-1-5-32-544")) << text;
  }
  EXPECT_TRUE(Sid::Parse("S-1-5-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1").ok());  // 15 subauthorities
}

TEST(Sid, RefusesBytesThatAreNone) {
  const std::string good("\x01\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00", 12);
  EXPECT_EQ(*Sid::FromBytes(good), kEveryone);
  EXPECT_EQ(*Sid::FromBytes(good + "more"), kEveryone);
  EXPECT_FALSE(Sid::FromBytes(good.substr(0, 11)).ok());
  EXPECT_FALSE(Sid::FromBytes("").ok());
  std::string changed = good;
  changed[0] = 2;
  EXPECT_FALSE(Sid::FromBytes(changed).ok());
  for (const char count : {'\0', '\2', '\20', '\177'}) {
    changed = good;
    changed[1] = count;
    EXPECT_FALSE(Sid::FromBytes(changed).ok()) << static_cast<int>(count);
  }
}

TEST(Sid, OrderIsByAuthorityThenSubauthorities) {
  EXPECT_LT(kEveryone, kAdministrators);
  EXPECT_LT(Sid(5, {21}), Sid(5, {21, 0}));
  EXPECT_LT(Sid(5, {21, 9}), Sid(5, {22, 1}));
  EXPECT_NE(Sid(5, {1, 7}), Sid(5, {2, 7}));
  EXPECT_NE(Sid(5, {7}), Sid(6, {7}));
}

}  // namespace
}  // namespace paddock::access
