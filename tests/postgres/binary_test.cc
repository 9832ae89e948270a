#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "tests/postgres/row_cases.h"

namespace firedrill::sim::postgres {

namespace {

// The results are those of PostgreSQL 15.18.

const std::vector<RowCase> kInputRows = {
    {"substring", "bytea int4", {"\\x", "1"}, "bytea", "\\x"},
    {"substring", "bytea int4", {"\\xDEADbeef", "1"}, "bytea", "\\xdeadbeef"},
    {"substring", "bytea int4", {"\\x de ad ", "1"}, "bytea", "\\xdead"},
    {"substring",
     "bytea int4",
     {"\\xabc", "1"},
     "bytea",
     "22023: invalid hexadecimal data: odd number of digits"},
    {"substring", "bytea int4", {"\\xzz", "1"}, "bytea", "22023: invalid hexadecimal digit: \"z\""},
    {"substring", "bytea int4", {"abc", "1"}, "bytea", "\\x616263"},
    {"substring", "bytea int4", {"a\\\\b", "1"}, "bytea", "\\x615c62"},
    {"substring", "bytea int4", {"a\\001\\377", "1"}, "bytea", "\\x6101ff"},
    {"substring",
     "bytea int4",
     {"a\\1", "1"},
     "bytea",
     "22P02: invalid input syntax for type bytea"},
    {"substring", "bytea int4", {"\\", "1"}, "bytea", "22P02: invalid input syntax for type bytea"},
    {"substring",
     "bytea int4",
     {"\\400", "1"},
     "bytea",
     "22P02: invalid input syntax for type bytea"},
    {"substring", "bytea int4", {"é", "1"}, "bytea", "\\xc3a9"},
    {"substring",
     "bytea int4",
     {"\\xDE A", "1"},
     "bytea",
     "22023: invalid hexadecimal data: odd number of digits"},
};

TEST(PostgresBinary, Input) {
  expect_rows(binary_family(), RowForm::function, kInputRows);
}

const std::vector<RowCase> kPartsRows = {
    {"substring", "bytea int4", {"\\x0102030405", "2"}, "bytea", "\\x02030405"},
    {"substring", "bytea int4", {"\\x0102030405", "-1"}, "bytea", "\\x0102030405"},
    {"substring", "bytea int4", {"\\x0102030405", "9"}, "bytea", "\\x"},
    {"substring", "bytea int4 int4", {"\\x0102030405", "2", "2"}, "bytea", "\\x0203"},
    {"substring", "bytea int4 int4", {"\\x0102030405", "-1", "4"}, "bytea", "\\x0102"},
    {"substring",
     "bytea int4 int4",
     {"\\x0102030405", "2", "-1"},
     "bytea",
     "22011: negative substring length not allowed"},
    {"substring", "bytea int4 int4", {"\\x0102030405", "3", "2147483647"}, "bytea", "\\x030405"},
    {"substring",
     "bytea int4 int4",
     {"\\x0102030405", "-2147483648", "2147483647"},
     "bytea",
     "\\x"},
    {"substr", "bytea int4", {"\\x0102030405", "3"}, "bytea", "\\x030405"},
    {"substr", "bytea int4 int4", {"\\x0102030405", "0", "2"}, "bytea", "\\x01"},
    {"overlay", "bytea bytea int4", {"\\x0102030405", "\\xffff", "2"}, "bytea", "\\x01ffff0405"},
    {"overlay",
     "bytea bytea int4",
     {"\\x0102030405", "\\xff", "0"},
     "bytea",
     "22011: negative substring length not allowed"},
    {"overlay",
     "bytea bytea int4 int4",
     {"\\x0102030405", "\\xffff", "2", "1"},
     "bytea",
     "\\x01ffff030405"},
    {"overlay",
     "bytea bytea int4 int4",
     {"\\x0102030405", "\\xff", "2", "-1"},
     "bytea",
     "\\x01ff0102030405"},
    {"overlay",
     "bytea bytea int4 int4",
     {"\\x0102030405", "\\xff", "9", "1"},
     "bytea",
     "\\x0102030405ff"},
    {"overlay",
     "bytea bytea int4 int4",
     {"\\x0102030405", "\\xff", "2147483647", "1"},
     "bytea",
     "22003: integer out of range"},
    {"position", "bytea bytea", {"\\x0102030405", "\\x0304"}, "int4", "3"},
    {"position", "bytea bytea", {"\\x0102030405", "\\x"}, "int4", "1"},
    {"position", "bytea bytea", {"\\x0102030405", "\\x09"}, "int4", "0"},
    {"btrim", "bytea bytea", {"\\x0102030201", "\\x0102"}, "bytea", "\\x03"},
    {"btrim", "bytea bytea", {"\\x01", "\\x01"}, "bytea", "\\x"},
    {"btrim", "bytea bytea", {"\\x01", "\\x"}, "bytea", "\\x01"},
    {"ltrim", "bytea bytea", {"\\x010203", "\\x0102"}, "bytea", "\\x03"},
    {"rtrim", "bytea bytea", {"\\x030201", "\\x0102"}, "bytea", "\\x03"},
};

TEST(PostgresBinary, Parts) {
  expect_rows(binary_family(), RowForm::function, kPartsRows);
}

const std::vector<RowCase> kBitsRows = {
    {"length", "bytea", {"\\x0102030405"}, "int4", "5"},
    {"length", "bytea", {"\\x"}, "int4", "0"},
    {"octet_length", "bytea", {"\\x0102030405"}, "int4", "5"},
    {"bit_length", "bytea", {"\\x0102030405"}, "int4", "40"},
    {"bit_count", "bytea", {"\\xff0f"}, "int8", "12"},
    {"bit_count", "bytea", {"\\x"}, "int8", "0"},
    {"get_byte", "bytea int4", {"\\x0102030405", "0"}, "int4", "1"},
    {"get_byte", "bytea int4", {"\\x0102030405", "4"}, "int4", "5"},
    {"get_byte",
     "bytea int4",
     {"\\x0102030405", "5"},
     "int4",
     "2202E: index 5 out of valid range, 0..4"},
    {"get_byte",
     "bytea int4",
     {"\\x0102030405", "-1"},
     "int4",
     "2202E: index -1 out of valid range, 0..4"},
    {"set_byte", "bytea int4 int4", {"\\x0102030405", "0", "255"}, "bytea", "\\xff02030405"},
    {"set_byte", "bytea int4 int4", {"\\x0102030405", "4", "256"}, "bytea", "\\x0102030400"},
    {"set_byte", "bytea int4 int4", {"\\x0102030405", "4", "-1"}, "bytea", "\\x01020304ff"},
    {"set_byte",
     "bytea int4 int4",
     {"\\x0102030405", "5", "1"},
     "bytea",
     "2202E: index 5 out of valid range, 0..4"},
    {"get_bit", "bytea int8", {"\\x01", "0"}, "int4", "1"},
    {"get_bit", "bytea int8", {"\\x01", "7"}, "int4", "0"},
    {"get_bit", "bytea int8", {"\\x01", "8"}, "int4", "2202E: index 8 out of valid range, 0..7"},
    {"get_bit", "bytea int8", {"\\x01", "-1"}, "int4", "2202E: index -1 out of valid range, 0..7"},
    {"get_bit", "bytea int8", {"\\x0180", "15"}, "int4", "1"},
    {"set_bit", "bytea int8 int4", {"\\x00", "0", "1"}, "bytea", "\\x01"},
    {"set_bit", "bytea int8 int4", {"\\xff", "7", "0"}, "bytea", "\\x7f"},
    {"set_bit",
     "bytea int8 int4",
     {"\\x00", "8", "1"},
     "bytea",
     "2202E: index 8 out of valid range, 0..7"},
    {"set_bit", "bytea int8 int4", {"\\x00", "0", "2"}, "bytea", "22023: new bit must be 0 or 1"},
};

TEST(PostgresBinary, Bits) {
  expect_rows(binary_family(), RowForm::function, kBitsRows);
}

const std::vector<RowCase> kEncodingsRows = {
    {"encode", "bytea text", {"\\x00ff", "hex"}, "text", "00ff"},
    {"encode", "bytea text", {"\\x00ff", "base64"}, "text", "AP8="},
    {"encode", "bytea text", {"\\x00ff61", "escape"}, "text", "\\000\\377a"},
    {"encode", "bytea text", {"\\x5c", "escape"}, "text", "\\\\"},
    {"encode", "bytea text", {"\\x", "base64"}, "text", ""},
    {"encode", "bytea text", {"\\x61", "BASE64"}, "text", "YQ=="},
    {"encode", "bytea text", {"\\x61", "nope"}, "text", "22023: unrecognized encoding: \"nope\""},
    {"encode",
     "bytea text",
     {"\\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
      "1616161616161616161616161",
      "base64"},
     "text",
     "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n"},
    {"encode",
     "bytea text",
     {"\\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
      "16161616161616161616161",
      "base64"},
     "text",
     "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="},
    {"encode",
     "bytea text",
     {"\\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
      "1616161616161616161616161616161",
      "base64"},
     "text",
     "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\nYWFh"},
    {"decode", "text text", {"00fF", "hex"}, "bytea", "\\x00ff"},
    {"decode",
     "text text",
     {"0 0\nf f", "hex"},
     "bytea",
     "22023: invalid hexadecimal digit: \" \""},
    {"decode",
     "text text",
     {"0", "hex"},
     "bytea",
     "22023: invalid hexadecimal data: odd number of digits"},
    {"decode", "text text", {"0g", "hex"}, "bytea", "22023: invalid hexadecimal digit: \"g\""},
    {"decode", "text text", {"AP8=", "base64"}, "bytea", "\\x00ff"},
    {"decode",
     "text text",
     {"AP8", "base64"},
     "bytea",
     "22023: invalid base64 end sequence / Input data is missing padding, is truncated, or is "
     "otherwise corrupted."},
    {"decode", "text text", {"A P\n8=", "base64"}, "bytea", "\\x00ff"},
    {"decode",
     "text text",
     {"A*", "base64"},
     "bytea",
     "22023: invalid symbol \"*\" found while decoding base64 sequence"},
    {"decode",
     "text text",
     {"AP8==", "base64"},
     "bytea",
     "22023: invalid base64 end sequence / Input data is missing padding, is truncated, or is "
     "otherwise corrupted."},
    {"decode",
     "text text",
     {"=", "base64"},
     "bytea",
     "22023: unexpected \"=\" while decoding base64 sequence"},
    {"decode", "text text", {"a\\000\\377", "escape"}, "bytea", "\\x6100ff"},
    {"decode",
     "text text",
     {"a\\", "escape"},
     "bytea",
     "22P02: invalid input syntax for type bytea"},
    {"decode",
     "text text",
     {"a\\9", "escape"},
     "bytea",
     "22P02: invalid input syntax for type bytea"},
    {"decode", "text text", {"a\\\\", "escape"}, "bytea", "\\x615c"},
    {"decode", "text text", {"x", "nope"}, "bytea", "22023: unrecognized encoding: \"nope\""},
    {"convert_from", "bytea name", {"\\x61c3a9", "UTF8"}, "text", "aé"},
    {"convert_from",
     "bytea name",
     {"\\xff", "UTF8"},
     "text",
     "22021: invalid byte sequence for encoding \"UTF8\": 0xff"},
    {"convert_from",
     "bytea name",
     {"\\xc3", "UTF8"},
     "text",
     "22021: invalid byte sequence for encoding \"UTF8\": 0xc3"},
    {"convert_from",
     "bytea name",
     {"\\x6100", "UTF8"},
     "text",
     "22021: invalid byte sequence for encoding \"UTF8\": 0x00"},
    {"convert_from", "bytea name", {"\\x61", "utf-8"}, "text", "a"},
    {"convert_from",
     "bytea name",
     {"\\xeda080", "UTF8"},
     "text",
     "22021: invalid byte sequence for encoding \"UTF8\": 0xed 0xa0 0x80"},
    {"convert_from",
     "bytea name",
     {"\\xf4908080", "UTF8"},
     "text",
     "22021: invalid byte sequence for encoding \"UTF8\": 0xf4 0x90 0x80 0x80"},
    {"convert_to", "text name", {"aé", "UTF8"}, "bytea", "\\x61c3a9"},
    {"convert_to", "text name", {"é", "utf8"}, "bytea", "\\xc3a9"},
};

TEST(PostgresBinary, Encodings) {
  expect_rows(binary_family(), RowForm::function, kEncodingsRows);
}

const std::vector<RowCase> kDigestsRows = {
    {"md5", "bytea", {"\\x"}, "text", "d41d8cd98f00b204e9800998ecf8427e"},
    {"md5", "bytea", {"\\x616263"}, "text", "900150983cd24fb0d6963f7d28e17f72"},
    {"sha224",
     "bytea",
     {"\\x"},
     "bytea",
     "\\xd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
    {"sha224",
     "bytea",
     {"\\x616263"},
     "bytea",
     "\\x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {"sha256",
     "bytea",
     {"\\x"},
     "bytea",
     "\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha256",
     "bytea",
     {"\\x616263"},
     "bytea",
     "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha256",
     "bytea",
     {"\\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
      "161616161616161616161616161616161616161"},
     "bytea",
     "\\xffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    {"sha256",
     "bytea",
     {"\\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
      "16161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
      "161616161616161616161616161616161616161616161616161616161"},
     "bytea",
     "\\x31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
    {"sha384",
     "bytea",
     {"\\x616263"},
     "bytea",
     "\\xcb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134"
     "c825a7"},
    {"sha512",
     "bytea",
     {"\\x"},
     "bytea",
     "\\xcf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d287"
     "7eec2f63b931bd47417a81a538327af927da3e"},
    {"sha512",
     "bytea",
     {"\\x616263"},
     "bytea",
     "\\xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3"
     "feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"sha512",
     "bytea",
     {"\\x00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000000000000000000000000"},
     "bytea",
     "\\x2be2e788c8a8adeaa9c89a7f78904cacea6e39297d75e0573a73c756234534d6627ab4156b48a6657b29ab8beb"
     "73334040ad39ead81446bb09c70704ec707952"},
};

TEST(PostgresBinary, Digests) {
  expect_rows(binary_family(), RowForm::function, kDigestsRows);
}

const std::vector<RowCase> kOperatorsRows = {
    {"||", "bytea bytea", {"\\x01", "\\x02"}, "bytea", "\\x0102"},
    {"||", "bytea bytea", {"\\x", std::nullopt}, "bytea", "<null>"},
};

TEST(PostgresBinary, Operators) {
  expect_rows(binary_family(), RowForm::operation, kOperatorsRows);
}

TEST(PostgresBinary, OtherEncodingsAreRefused) {
  FunctionCases cases(binary_family());
  const std::vector<RowCase> rows = {
      {"convert_to",
       "text name",
       {"a", "LATIN1"},
       "bytea",
       "0A000: the encoding \"LATIN1\" is not supported by the simulated PostgreSQL"},
  };
  expect_rows(cases, RowForm::function, rows);
}

TEST(PostgresBinary, RandomUuidIsTheSessions) {
  FunctionCases cases(binary_family());
  const std::vector<RowCase> rows = {
      {"gen_random_uuid", "", {}, "uuid", "11111111-1111-1111-1111-111111111111"},
  };
  expect_rows(cases, RowForm::function, rows);
}

}  // namespace

}  // namespace firedrill::sim::postgres
