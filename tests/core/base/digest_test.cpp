// Against the vectors that the standards themselves give.
#include "base/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using ::testing::MatchesRegex;

TEST(Digest, Sha256IsThatOfItsStandard) {
  // FIPS 180-4's examples, of no block, one and two.
  EXPECT_EQ(hexadecimal(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hexadecimal(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexadecimal(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, HmacIsThatOfItsStandard) {
  // RFC 4231, 4.3; and a key longer than a block, 4.7.
  EXPECT_EQ(hexadecimal(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hexadecimal(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, Base64IsPadded) {
  // RFC 4648, 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Digest, HexadecimalIsOfBytesAndNotOfCharacters) {
  EXPECT_EQ(hexadecimal(std::string("\x00\x7f\x80\xff", 4)), "007f80ff");
}

TEST(Digest, RandomNamesAreOfTheirLengthAndNotTheSame) {
  const std::string one = random_hex(16);
  EXPECT_THAT(one, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(one, random_hex(16));
}

}  // namespace
}  // namespace beckon::core
