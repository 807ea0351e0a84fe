#ifndef PADDOCK_BACKENDS_WSL2_LAUNCHER_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCHER_H_

#include <memory>
#include <string>

#include "core/backend/launcher.h"

namespace paddock {

struct Wsl2LauncherOptions {
  std::string relay_directory;  // where paddock-linux-ARCHITECTURE lies
};

// Carries out plans of wsl2. Launch returns once the far side has started the command, or has said why it did not: its
// refusal is Unavailable here, with its reason, so that the next candidate may be tried.
//
// Of the sandbox: signals are Linux's, by number, and the command's to handle; an interrupt (Stdio::signals) is signal
// 2, and the third one ends the run. Without a console of its own nothing of Windows is in the tree. wsl.exe dies with
// this process, and the relay ends everything when its input ends.
std::unique_ptr<Launcher> MakeWsl2Launcher(Wsl2LauncherOptions options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCHER_H_
