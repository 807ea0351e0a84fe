#include "core/base/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace paddock {
namespace {

std::string Hex(absl::string_view bytes) { return Sha256Hex(Sha256Of(bytes)); }

// NIST, "Example Values: SHA-256", and the Secure Hash Standard Validation System's byte-oriented short and long
// messages.
TEST(Sha256Test, KnownAnswers) {
  EXPECT_EQ(Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      Hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
          "nopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(Hex("\xd3"), "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
  EXPECT_EQ(Hex("\x11\xaf"), "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98");
  EXPECT_EQ(Hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Whatever the pieces and whatever the length, around each place where a block ends.
TEST(Sha256Test, PiecesMakeNoDifference) {
  std::string message;
  for (int i = 0; i < 300; ++i) message.push_back(static_cast<char>(i * 7 + i / 64));
  for (size_t length = 0; length <= message.size(); ++length) {
    const std::string whole = message.substr(0, length);
    for (const size_t piece : {size_t{1}, size_t{3}, size_t{63}, size_t{64}, size_t{65}}) {
      Sha256 hash;
      for (size_t at = 0; at < length; at += piece) hash.Update(absl::string_view(whole).substr(at, piece));
      ASSERT_EQ(Sha256Hex(hash.Finish()), Hex(whole)) << length << " bytes in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace paddock
