#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/launch_seccomp_syscalls.h"
#include "backends/linux_landlock/seccomp_compiler.h"
#include "backends/linux_landlock/seccomp_table.h"
#include "gtest/gtest.h"
#include "tests/support/bpf_evaluator.h"

// What is reviewed like code: each program as text below tests/golden/bpf, and the table of docs/seccomp.md. The
// argument --update_goldens writes both instead of comparing them.

namespace paddock {
namespace {

constexpr absl::string_view kTableBegin = "<!-- table: begin -->\n";
constexpr absl::string_view kTableEnd = "<!-- table: end -->\n";

std::string SourcePath(absl::string_view path) { return absl::StrCat(PADDOCK_SOURCE_DIR, "/", path); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Disassembly(SeccompArch arch, const SeccompOptions& options) {
  const auto program = CompileSeccomp(SeccompRules(), options, arch, ResolveSyscall);
  if (!program.ok()) return std::string(program.status().message());
  std::vector<sock_filter> filter;
  for (const BpfInstruction& i : *program) filter.push_back({i.code, i.jump_true, i.jump_false, i.k});
  std::map<uint32_t, std::string> names;
  for (const SeccompRule& rule : SeccompRules()) {
    for (absl::string_view name : rule.syscalls) {
      const auto number = ResolveSyscall(arch, name);
      if (number.ok() && number->has_value()) names[**number] = std::string(name);
    }
  }
  return DisassembleBpf(filter, [&](uint32_t number) {
    const auto name = names.find(number);
    return name == names.end() ? std::string() : name->second;
  });
}

std::map<std::string, std::string> Programs() {
  std::map<std::string, std::string> programs;
  for (SeccompArch arch : {SeccompArch::kX8664, SeccompArch::kAarch64}) {
    for (const SeccompOptions& options : SeccompVariants()) {
      programs[SourcePath(absl::StrCat("tests/golden/bpf/", ArchName(arch), ".", VariantName(options), ".txt"))] =
          Disassembly(arch, options);
    }
  }
  return programs;
}

std::string Cell(absl::string_view text) { return absl::StrReplaceAll(text, {{"|", "\\|"}}); }

std::string DocumentedTable() {
  std::string table = "| call | refused | result | why | what it breaks |\n|---|---|---|---|---|\n";
  for (const SeccompRule& rule : SeccompRules()) {
    const std::string names = absl::StrCat("`", absl::StrJoin(rule.syscalls, "`, `"), "`");
    std::string condition = rule.condition_text.empty() ? "always" : Cell(rule.condition_text);
    if (rule.when == SeccompWhen::kRootCaller) condition = absl::StrCat("root callers: ", condition);
    if (rule.when == SeccompWhen::kHostNamespaces) condition = absl::StrCat("tier landlock: ", condition);
    if (rule.when == SeccompWhen::kNetworkOff) condition = absl::StrCat("tier landlock, network off: ", condition);
    absl::StrAppend(&table, "| ", names, " | ", condition, " | ", ResultName(rule.result), " | ", Cell(rule.reason),
                    " | ", Cell(rule.breaks), " |\n");
  }
  return table;
}

// The page with its table replaced; empty if the marks are not there.
std::string WithTable(const std::string& page) {
  const size_t begin = page.find(kTableBegin.data(), 0, kTableBegin.size());
  const size_t end = page.find(kTableEnd.data(), 0, kTableEnd.size());
  if (begin == std::string::npos || end == std::string::npos || end < begin) return "";
  return absl::StrCat(page.substr(0, begin + kTableBegin.size()), DocumentedTable(), page.substr(end));
}

TEST(SeccompGoldenTest, ProgramsAreTheReviewedOnes) {
  for (const auto& [path, text] : Programs()) {
    EXPECT_EQ(ReadFile(path), text) << path << ": review the difference, then run this program with --update_goldens";
  }
}

TEST(SeccompGoldenTest, TheDocumentHoldsTheTable) {
  const std::string page = ReadFile(SourcePath("docs/seccomp.md"));
  EXPECT_EQ(page, WithTable(page)) << "run this program with --update_goldens";
}

TEST(SeccompGoldenTest, TheDocumentNamesTheNewestReviewedCall) {
  const std::string page = ReadFile(SourcePath("docs/seccomp.md"));
  EXPECT_NE(page.find(absl::StrCat("above ", kNewestReviewedSyscall)), std::string::npos);
}

int Update() {
  std::map<std::string, std::string> files = Programs();
  const std::string page = SourcePath("docs/seccomp.md");
  files[page] = WithTable(ReadFile(page));
  if (files[page].empty()) {
    std::cerr << page << ": no place for the table\n";
    return 1;
  }
  for (const auto& [path, text] : files) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) {
      std::cerr << path << ": could not be written\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace paddock

int main(int argc, char** argv) {
  if (std::count(argv + 1, argv + argc, absl::string_view("--update_goldens")) > 0) return paddock::Update();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
