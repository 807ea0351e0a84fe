#include "backends/windows_sandbox/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "absl/strings/str_cat.h"

// The mailbox as whatever runs in the machine may leave it.

namespace paddock {
namespace {

using testing::HasSubstr;

constexpr char kNonce[] = "0123456789abcdef0123456789abcdef";
constexpr char kOther[] = "fedcba9876543210fedcba9876543210";

class MemoryFolder : public MailFolder {
 public:
  struct File {
    std::string bytes;
    bool plain = true;
    bool busy = false;
  };

  absl::StatusOr<std::vector<MailEntry>> List(size_t most) override {
    std::vector<MailEntry> entries;
    for (const auto& [name, file] : files) {
      if (entries.size() > most) break;
      entries.push_back({name, file.bytes.size(), file.plain});
    }
    return entries;
  }
  absl::StatusOr<std::string> Read(absl::string_view name, size_t most) override {
    if (before_read) before_read();
    const auto found = files.find(std::string(name));
    if (found == files.end()) return absl::NotFoundError("none");
    if (!found->second.plain) return absl::FailedPreconditionError("not plain");
    if (found->second.busy) return absl::UnavailableError("open");
    if (found->second.bytes.size() > most) return absl::OutOfRangeError("too long");
    return found->second.bytes;
  }
  absl::Status Remove(absl::string_view name) override {
    if (files.at(std::string(name)).busy) return absl::UnavailableError("open");
    files.erase(std::string(name));
    return absl::OkStatus();
  }

  void Put(uint32_t number, MailKind kind, const std::string& payload = "", const char* nonce = kNonce) {
    files[MailName(number)] = {EncodeMail(nonce, number, {kind, payload})};
  }

  std::map<std::string, File> files;
  std::function<void()> before_read;  // what an attacker does between two looks
};

struct Taken {
  std::vector<Mail> mail;
  absl::Status end;
};

Taken TakeAll(MailboxReader& reader) {
  Taken taken;
  while (true) {
    auto next = reader.Next();
    taken.end = next.status();
    if (!next.ok() || !next->has_value()) return taken;
    taken.mail.push_back(**std::move(next));
  }
}

class MailboxTest : public testing::Test {
 protected:
  void PutWholeRun() {
    folder_.Put(0, MailKind::kReady);
    folder_.Put(1, MailKind::kStarted, FormatStarted(7));
    folder_.Put(2, MailKind::kOut, "out");
    folder_.Put(3, MailKind::kErr, std::string("\0err\xff", 5));
    folder_.Put(4, MailKind::kAlive);
    folder_.Put(5, MailKind::kResult, FormatResult({GuestEnd::kExited, 37, "", 1, 2, 3, 4}));
  }

  // The run up to a message that does not belong there; what came before it counts.
  void ExpectRefused(size_t before, const std::string& why) {
    const Taken taken = TakeAll(reader_);
    EXPECT_EQ(taken.mail.size(), before);
    EXPECT_THAT(std::string(taken.end.message()), HasSubstr(why));
    EXPECT_FALSE(taken.end.ok());
    // And it stays so, whatever is put right meanwhile.
    folder_.files.clear();
    PutWholeRun();
    EXPECT_FALSE(reader_.Next().ok());
  }

  MemoryFolder folder_;
  MailboxReader reader_{kNonce, folder_};
};

TEST_F(MailboxTest, AWholeRunIsTakenInOrderAndRemoved) {
  PutWholeRun();
  const Taken taken = TakeAll(reader_);
  ASSERT_TRUE(taken.end.ok()) << taken.end;
  ASSERT_EQ(taken.mail.size(), 6u);
  EXPECT_EQ(*ParseStarted(taken.mail[1].payload), 7u);
  EXPECT_EQ(taken.mail[3].payload, std::string("\0err\xff", 5));
  EXPECT_EQ(ParseResult(taken.mail[5].payload)->code, 37u);
  EXPECT_TRUE(reader_.ended());
  EXPECT_TRUE(folder_.files.empty());
}

TEST_F(MailboxTest, WhatIsNotThereYetIsWaitedFor) {
  folder_.Put(1, MailKind::kStarted, FormatStarted(7));
  folder_.files[UnfinishedName(0)] = {"paddock-mail"};
  EXPECT_EQ(*reader_.Next(), std::nullopt);
  folder_.files.erase(UnfinishedName(0));
  folder_.Put(0, MailKind::kReady);
  folder_.files[MailName(0)].busy = true;
  EXPECT_EQ(*reader_.Next(), std::nullopt);
  folder_.files[MailName(0)].busy = false;
  EXPECT_EQ(TakeAll(reader_).mail.size(), 2u);
}

TEST_F(MailboxTest, EveryPartOfAMessageIsNoMessage) {
  const std::string whole = EncodeMail(kNonce, 0, {MailKind::kReady, ""});
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_FALSE(DecodeMail(kNonce, 0, whole.substr(0, i)).ok()) << i;
  EXPECT_TRUE(DecodeMail(kNonce, 0, whole).ok());
  const std::string result = EncodeMail(kNonce, 0, {MailKind::kResult, FormatResult({})});
  for (size_t i = 0; i < result.size() - 1; ++i) EXPECT_FALSE(DecodeMail(kNonce, 0, result.substr(0, i)).ok()) << i;
  EXPECT_TRUE(DecodeMail(kNonce, 0, result).ok());
}

TEST_F(MailboxTest, AnotherRunsMessageIsRefused) {
  folder_.Put(0, MailKind::kReady);
  folder_.Put(1, MailKind::kStarted, FormatStarted(1), kOther);
  ExpectRefused(1, "another run");
}

TEST_F(MailboxTest, AMessageSentAgainIsRefused) {
  folder_.Put(0, MailKind::kReady);
  folder_.Put(1, MailKind::kStarted, FormatStarted(7));
  folder_.Put(2, MailKind::kOut, "pay 1");
  folder_.files[MailName(3)] = folder_.files[MailName(2)];
  ExpectRefused(3, "was there before");
}

TEST_F(MailboxTest, AnOldNumberIsNotReadAgain) {
  folder_.Put(0, MailKind::kReady);
  EXPECT_EQ(TakeAll(reader_).mail.size(), 1u);
  folder_.Put(0, MailKind::kResult, FormatResult({}));
  EXPECT_EQ(*reader_.Next(), std::nullopt);
  EXPECT_FALSE(reader_.ended());
}

TEST_F(MailboxTest, LinksDirectoriesAndSecondNamesAreRefused) {
  PutWholeRun();
  folder_.files[MailName(0)].plain = false;
  ExpectRefused(0, "link");
}

TEST_F(MailboxTest, ALinkPutInPlaceAfterTheLookIsRefused) {
  PutWholeRun();
  folder_.before_read = [this] { folder_.files[MailName(0)].plain = false; };
  ExpectRefused(0, "not plain");
}

TEST_F(MailboxTest, AFileThatGrowsAfterTheLookIsRefused) {
  PutWholeRun();
  folder_.before_read = [this] { folder_.files[MailName(0)].bytes.resize(kMostHeader + kMostBytes + 1); };
  ExpectRefused(0, "too long");
}

TEST_F(MailboxTest, OtherNamesAreRefused) {
  for (const char* const name : {"desktop.ini", "00000000.MSG", "0000000.msg", "000000000.msg", "0000000x.msg",
                                 "00000000.msg:s", "..\\00000000.msg", ".msg", "-0000001.msg", "00000000.tmp "}) {
    MemoryFolder folder;
    folder.Put(0, MailKind::kReady);
    EXPECT_TRUE(MailboxReader(kNonce, folder).CheckFolder().ok());
    folder.files[name] = {""};
    EXPECT_FALSE(MailboxReader(kNonce, folder).CheckFolder().ok()) << name;
  }
}

TEST_F(MailboxTest, AFloodOfFilesIsRefused) {
  for (uint32_t i = 0; i < kMostEntries; ++i) folder_.files[UnfinishedName(i)] = {""};
  EXPECT_TRUE(reader_.CheckFolder().ok());
  folder_.files[UnfinishedName(kMostEntries)] = {""};
  ExpectRefused(0, "more than");
}

TEST_F(MailboxTest, AFloodOfBytesIsRefused) {
  folder_.files[UnfinishedName(1)] = {std::string(kMostInFolder / 2, 'x')};
  folder_.files[UnfinishedName(2)] = {std::string(kMostInFolder / 2, 'x')};
  EXPECT_TRUE(reader_.CheckFolder().ok());
  folder_.files[UnfinishedName(3)] = {"x"};
  ExpectRefused(0, "bytes");
}

TEST_F(MailboxTest, SizesThatOverflowTheirSumAreRefused) {
  class Huge : public MemoryFolder {
    absl::StatusOr<std::vector<MailEntry>> List(size_t) override {
      return std::vector<MailEntry>{{UnfinishedName(1), UINT64_MAX, true}, {UnfinishedName(2), 2, true}};
    }
  } folder;
  EXPECT_FALSE(MailboxReader(kNonce, folder).CheckFolder().ok());
}

TEST_F(MailboxTest, PayloadsHaveALimitByKind) {
  const auto decodes = [](MailKind kind, size_t size) {
    return DecodeMail(kNonce, 0, EncodeMail(kNonce, 0, {kind, std::string(size, 'x')})).ok();
  };
  EXPECT_TRUE(decodes(MailKind::kOut, kMostBytes));
  EXPECT_FALSE(decodes(MailKind::kOut, kMostBytes + 1));
  EXPECT_TRUE(decodes(MailKind::kAlive, 0));
  EXPECT_FALSE(decodes(MailKind::kAlive, 1));
  EXPECT_FALSE(decodes(MailKind::kReady, 1));
}

TEST_F(MailboxTest, MessagesOutOfOrderAreRefused) {
  const std::string started = FormatStarted(1), result = FormatResult({});
  const std::vector<std::vector<std::pair<MailKind, std::string>>> wrong = {
      {{MailKind::kStarted, started}},
      {{MailKind::kAlive, ""}},
      {{MailKind::kResult, result}},
      {{MailKind::kReady, ""}, {MailKind::kReady, ""}},
      {{MailKind::kReady, ""}, {MailKind::kOut, "x"}},
      {{MailKind::kReady, ""}, {MailKind::kStarted, started}, {MailKind::kStarted, started}},
      {{MailKind::kReady, ""}, {MailKind::kResult, result}, {MailKind::kAlive, ""}},
      {{MailKind::kReady, ""}, {MailKind::kResult, result}, {MailKind::kResult, result}},
  };
  for (const auto& messages : wrong) {
    MemoryFolder folder;
    MailboxReader reader(kNonce, folder);
    for (uint32_t i = 0; i < messages.size(); ++i) folder.Put(i, messages[i].first, messages[i].second);
    const Taken taken = TakeAll(reader);
    EXPECT_EQ(taken.mail.size() + 1, messages.size());
    EXPECT_THAT(std::string(taken.end.message()), HasSubstr("does not follow"));
  }
}

TEST_F(MailboxTest, ResultsOfAnotherShapeAreRefused) {
  const std::string good = FormatResult({GuestEnd::kNotFound, 0, "no x", 1, 2, 3, 4});
  ASSERT_TRUE(ParseResult(good).ok());
  std::string deep(kMostJson - 1, '[');
  for (
      const std::string& payload :
      {std::string(""), std::string("{}"), std::string("null"), std::string("[]"), deep, good + "x", "\xff" + good,
       std::string(R"({"end":"exited"})"),
       std::string(R"({"end":"won","code":0,"message":"","wall_ms":0,"user_ms":0,"system_ms":0,"max_resident":0})"),
       std::string(R"({"end":"exited","code":-1,"message":"","wall_ms":0,"user_ms":0,"system_ms":0,"max_resident":0})"),
       std::string(
           R"({"end":"exited","code":4294967296,"message":"","wall_ms":0,"user_ms":0,"system_ms":0,"max_resident":0})"),
       std::string(
           R"({"end":"exited","code":0.5,"message":"","wall_ms":0,"user_ms":0,"system_ms":0,"max_resident":0})"),
       std::string(R"({"end":"exited","code":0,"message":1,"wall_ms":0,"user_ms":0,"system_ms":0,"max_resident":0})"),
       std::string(
           R"({"end":"exited","code":0,"message":"","wall_ms":18446744073709551615,"user_ms":0,"system_ms":0,"max_resident":0})"),
       std::string(
           R"({"end":"exited","code":0,"message":"","wall_ms":0,"user_ms":0,"system_ms":0,"max_resident":0,"x":0})"),
       std::string(kMostJson + 1, ' ') + good}) {
    EXPECT_FALSE(ParseResult(payload).ok()) << payload.substr(0, 100);
    EXPECT_FALSE(DecodeMail(kNonce, 0, EncodeMail(kNonce, 0, {MailKind::kResult, payload})).ok());
  }
  EXPECT_FALSE(ParseStarted("{\"process\":-1}").ok());
  EXPECT_FALSE(ParseStarted("7").ok());
}

TEST_F(MailboxTest, AMessageThatIsTooLongIsShortenedWhereItIsWritten) {
  const auto result = ParseResult(FormatResult({GuestEnd::kFailed, 0, std::string(100000, 'x'), 0, 0, 0, 0}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->message.size(), 1024u);
}

TEST_F(MailboxTest, HeadersThatNearlyFitAreRefused) {
  const std::string n = kNonce;
  for (const std::string& header :
       {absl::StrCat("paddock-mailbox/2 ", n, " ready 0\n"), absl::StrCat("paddock-mailbox/1 ", n, " ready 1\n"),
        absl::StrCat("paddock-mailbox/1 ", n, " ready 00\n"), absl::StrCat("paddock-mailbox/1  ", n, " ready 0\n"),
        absl::StrCat("paddock-mailbox/1 ", n, " Ready 0\n"), absl::StrCat("paddock-mailbox/1 ", n, "  0\n"),
        absl::StrCat("paddock-mailbox/1 ", n, " 0\n"), absl::StrCat("paddock-mailbox/1 ", n, " ready 0\r\n"),
        absl::StrCat("paddock-mailbox/1 ", n, " ready ready 0\n"), absl::StrCat(std::string(100, ' '), "\n"),
        std::string("\n"), std::string(1 << 20, 'x')}) {
    EXPECT_FALSE(DecodeMail(kNonce, 0, header).ok()) << header.substr(0, 100);
  }
}

}  // namespace
}  // namespace paddock
