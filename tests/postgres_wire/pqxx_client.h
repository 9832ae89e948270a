#pragma once

#include <string>

namespace firedrill::test {

/// What a program on libpqxx sees: transactions, prepared statements, streams into tables,
/// violations. In a file of its own, for libpqxx's headers use what C++23 has removed.
std::string run_pqxx(const std::string& connection);

}  // namespace firedrill::test
