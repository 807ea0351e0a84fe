// What could a sandboxed run do to the user's notes, outside of its workspace? Decided on any system, before there is a
// token. core/access/README.md explains it.
#include <cstdio>
#include <string>

#include "core/access/compose.h"
#include "core/access/file_ops.h"
#include "core/access/sddl.h"

namespace {

using namespace paddock::access;

constexpr Sid kUser(5, {21, 1, 2, 3, 1001});
constexpr Sid kCapability(5, {21, 900, 11, 12, 13});  // of the workspace
constexpr Sid kRun(5, {21, 900, 21, 22, 23});

absl::Status Explain() {
  Token user;
  user.user = user.owner = kUser;
  user.groups = {{kEveryone}, {kUsers}, {Sid(5, {5, 0, 77}), true, false, true}};  // the last: the logon session
  user.privileges = {Privilege::kChangeNotify};
  const absl::StatusOr<Token> run = ComposeRunToken(user, {{kCapability}, kRun, false});
  if (!run.ok()) return run.status();

  const auto descriptor = ParseSddl("O:S-1-5-21-1-2-3-1001D:(A;OICI;FA;;;SY)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)");
  if (!descriptor.ok()) return descriptor.status();
  MemoryTree tree;
  if (auto added = tree.Add("C:\\Users\\dev", {*descriptor, true}); !added.ok()) return added;
  if (auto added = tree.Add("C:\\Users\\dev\\notes.txt", {*descriptor}); !added.ok()) return added;

  for (const FileOp op : {FileOp::kRead, FileOp::kWrite, FileOp::kRemove}) {
    const FileOpVerdict verdict = CheckFileOp(tree, "C:\\Users\\dev\\notes.txt", op, *run);
    std::printf("%s: %s", std::string(ToString(op)).c_str(), verdict.Describe(tree).c_str());
  }
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = Explain();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
