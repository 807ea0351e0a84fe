// The agent's own attack: leaving in the workspace what the host will execute later.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

void MakeParents(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    mkdir(path.substr(0, at).c_str(), 0755);
  }
}

// mkdir -p, then an executable file with TEXT.
int Plant(const Args& a) {
  MakeParents(a[0]);
  const int fd =
      static_cast<int>(Step(a[0].c_str(), open(a[0].c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755)));
  if (fd < 0) return 1;
  return WriteAll(fd, a[1]) ? 0 : 1;
}

// The usual way of editors and git: a new file, renamed over the old one.
int PlantByRename(const Args& a) {
  const std::string fresh = a[2] + "/fresh-file";
  if (Plant({fresh, a[1]}) != 0) return 1;
  MakeParents(a[0]);
  return Step("rename", rename(fresh.c_str(), a[0].c_str())) < 0;
}

int PlantByLink(const Args& a) {
  const std::string fresh = a[2] + "/fresh-file";
  if (Plant({fresh, a[1]}) != 0) return 1;
  unlink(a[0].c_str());
  return Step("link", link(fresh.c_str(), a[0].c_str())) < 0;
}

// mv DIR aside, then a tree of one's own under the old name.
int PlantAfterMove(const Args& a) {
  Step("rename", rename(a[0].c_str(), a[1].c_str()));
  return Plant({a[2], a[3]});
}

// Removes what stands at PATH, whatever it is, and puts a symbolic link there.
int ReplaceByLink(const Args& a) {
  Step("unlink", unlink(a[0].c_str()));
  Step("rmdir", rmdir(a[0].c_str()));
  Step("rename", rename(a[0].c_str(), (a[0] + ".aside").c_str()));
  return Step("symlink", symlink(a[1].c_str(), a[0].c_str())) < 0;
}

constexpr Attack kAttacks[] = {
    {"plant", "PATH TEXT", 2, Plant},
    {"plant-by-rename", "PATH TEXT SCRATCH", 3, PlantByRename},
    {"plant-by-link", "PATH TEXT SCRATCH", 3, PlantByLink},
    {"plant-after-move", "DIRECTORY ASIDE PATH TEXT", 4, PlantAfterMove},
    {"replace-by-link", "PATH TARGET", 2, ReplaceByLink},
};

}  // namespace

std::span<const Attack> AgentAttacks() { return kAttacks; }

}  // namespace attacker
