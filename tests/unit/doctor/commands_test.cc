#include "core/doctor/commands.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace paddock {
namespace {

LinuxFacts Host(int64_t uid, std::vector<std::string> hints = {}) {
  LinuxFacts host;
  host.uid = uid;
  host.container_hints = std::move(hints);
  return host;
}

TEST(CommandsTest, WhatAShellWouldActOnIsQuoted) {
  EXPECT_EQ(ShellWord("/usr/bin/paddock", "X"), "/usr/bin/paddock");
  EXPECT_EQ(ShellWord("/a b", "X"), "'/a b'");
  EXPECT_EQ(ShellWord("x;rm -rf ~", "X"), "'x;rm -rf ~'");
  EXPECT_EQ(ShellWord("it's $(id)`", "X"), R"('it'\''s $(id)`')");
  EXPECT_EQ(ShellWord("-rf", "X"), "'-rf'");
  EXPECT_EQ(PowerShellWord("Ubuntu-24.04", "X"), "Ubuntu-24.04");
  EXPECT_EQ(PowerShellWord("D'B $(x)", "X"), "'D''B $(x)'");
}

TEST(CommandsTest, WhatATerminalWouldShowOtherwiseIsLeftOut) {
  for (const char* text : {"", "a\nb", "a\x1b[2J", "caf\xc3\xa9", "\xff"}) {
    EXPECT_EQ(ShellWord(text, "PATH"), "PATH") << text;
    EXPECT_EQ(PowerShellWord(text, "NAME"), "NAME") << text;
  }
}

TEST(CommandsTest, OnlyPlainPathsMayStandInAProfile) {
  EXPECT_TRUE(IsPlain("/opt/paddock-0.1/bin/paddock_x+y"));
  for (const char* path : {"", "/a b", "/a*", "/a{b,c}", "/a\"b", "/a@{HOME}", "-a", "/a^b", "/a\\b"}) {
    EXPECT_FALSE(IsPlain(path)) << path;
  }
}

TEST(CommandsTest, RootNeedsNoSudoButForTheMachineAround) {
  EXPECT_EQ(Sudo(Host(0)), "");
  EXPECT_EQ(Sudo(Host(1000)), "sudo ");
  EXPECT_EQ(OuterSudo(Host(0)), "");
  EXPECT_EQ(OuterSudo(Host(0, {"/.dockerenv"})), "sudo ");
}

TEST(CommandsTest, ContainersAreToldApart) {
  EXPECT_EQ(ContainerOf(Host(0)), Container::kNone);
  EXPECT_EQ(ContainerOf(Host(0, {"/.dockerenv", "cgroup:docker"})), Container::kDocker);
  EXPECT_EQ(ContainerOf(Host(0, {"/run/.containerenv"})), Container::kPodman);
  EXPECT_EQ(ContainerOf(Host(0, {"env:container=podman"})), Container::kPodman);
  EXPECT_EQ(ContainerOf(Host(0, {"/.dockerenv", "cgroup:kubepods"})), Container::kKubernetes);
  EXPECT_EQ(ContainerOf(Host(0, {"env:container=lxc"})), Container::kOther);
}

TEST(CommandsTest, AnUnknownKernelIsNeitherOldNorNew) {
  LinuxFacts host;
  EXPECT_FALSE(IsKernelBefore(host, 5, 13) || IsKernelFrom(host, 5, 13));
  host.kernel.value = "5.12.19";
  EXPECT_TRUE(IsKernelBefore(host, 5, 13));
  EXPECT_FALSE(IsKernelFrom(host, 5, 13));
  host.kernel.value = "10.0.1";
  EXPECT_TRUE(IsKernelFrom(host, 5, 13));
  host.kernel.value = "garbage";
  EXPECT_FALSE(IsKernelBefore(host, 5, 13) || IsKernelFrom(host, 5, 13));
}

TEST(CommandsTest, AFileIsWrittenByOneCommand) {
  const std::vector<std::string> expected = {"printf '%s\\n' \\", "  '[boot]' \\", "  'systemd = true' \\",
                                             "  | sudo tee /etc/wsl.conf"};
  EXPECT_EQ(WriteFile(Host(1000), "/etc/wsl.conf", {"[boot]", "systemd = true"}), expected);
}

}  // namespace
}  // namespace paddock
