#include "core/audit/sockets.h"

#include "absl/strings/str_cat.h"
#include "core/base/glob.h"

namespace paddock::audit {
namespace {

constexpr SocketKind kKinds[] = {
    {"*/docker.sock", "Docker: starts programs outside the sandbox, as root with the usual set-up", true},
    {"*/docker-*.sock", "Docker: starts programs outside the sandbox", true},
    {"*/containerd.sock", "containerd: starts programs as root", true},
    {"*/podman.sock", "Podman: starts programs outside the sandbox", true},
    {"*/crio.sock", "CRI-O: starts programs as root", true},
    {"*/buildkitd.sock", "BuildKit: starts programs outside the sandbox", true},
    {"*/lxd*/unix.socket", "LXD: starts programs as root", true},
    {"*/incus/unix.socket*", "Incus: starts programs as root", true},
    {"*/libvirt-sock*", "libvirt: starts virtual machines on any file", true},
    {"*/virtqemud-sock*", "libvirt: starts virtual machines on any file", true},
    {"*/snapd*.socket", "snapd", true},
    {"*/systemd/private", "systemd: starts programs outside the sandbox", true},
    {"*/system_bus_socket", "D-Bus, system bus", true},
    {"/run/user/*/bus", "D-Bus, session bus: systemd-run starts programs outside the sandbox", true},
    {"*/dbus-*", "D-Bus: may start programs outside the sandbox", true},
    {"*/.X11-unix/*", "X11: reads and types keys in every window", true},
    {"*/tmux-*/*", "tmux: types into other terminals", true},
    {"*/*screen/S-*/*", "screen: types into other terminals", true},
    {"*/vscode-*.sock", "Visual Studio Code: has the editor open and run things", true},
    {"*/kitty*", "kitty: types into other terminals", true},
    {"*/nvim*", "Neovim: runs commands in the editor", true},
    {"*/wayland-*", "Wayland: shows windows, reads what is copied", false},
    {"*ssh*agent*", "ssh-agent: signs with the keys it holds", false},
    {"*/agent.*", "ssh-agent: signs with the keys it holds", false},
    {"*/S.gpg-agent*", "gpg-agent: signs and decrypts with the keys it holds", false},
    {"*/keyring/*", "GNOME keyring: hands out passwords", false},
    {"*/pulse/native", "PulseAudio: records sound", false},
    {"*/pipewire-*", "PipeWire: records sound and screens", false},
    {"*/.s.PGSQL.*", "PostgreSQL: the account's databases", false},
    {"*/mysqld.sock", "MySQL: the account's databases", false},
    {"*", "a program of the host", false},
};

constexpr absl::string_view kOfTheSystem[] = {"/run/docker.sock",           "/run/containerd/containerd.sock",
                                              "/run/podman/podman.sock",    "/run/crio/crio.sock",
                                              "/run/libvirt/libvirt-sock",  "/run/dbus/system_bus_socket",
                                              "/run/systemd/private",       "/run/snapd.socket",
                                              "/var/lib/lxd/unix.socket",   "/var/snap/lxd/common/lxd/unix.socket",
                                              "/var/lib/incus/unix.socket", "/tmp/.X11-unix/X0",
                                              "/tmp/.X11-unix/X1"};
constexpr absl::string_view kOfTheHome[] = {".docker/run/docker.sock", ".docker/desktop/docker.sock",
                                            ".colima/default/docker.sock", ".gnupg/S.gpg-agent",
                                            ".gnupg/S.gpg-agent.ssh"};
constexpr absl::string_view kOfTheSession[] = {"bus",         "docker.sock",       "podman/podman.sock",
                                               "wayland-0",   "gnupg/S.gpg-agent", "gnupg/S.gpg-agent.ssh",
                                               "keyring/ssh", "ssh-agent.socket",  "pipewire-0",
                                               "pulse/native"};

}  // namespace

const SocketKind& KindOfSocket(absl::string_view path) {
  const SocketKind* row = kKinds;
  while (!WildcardMatch(row->pattern, path)) ++row;  // the last one matches all
  return *row;
}

std::vector<std::string> WellKnownSockets(absl::string_view home, absl::string_view runtime_dir) {
  std::vector<std::string> paths;
  for (const absl::string_view path : kOfTheSystem) paths.emplace_back(path);
  if (!home.empty()) {
    for (const absl::string_view name : kOfTheHome) paths.push_back(absl::StrCat(home, "/", name));
  }
  if (!runtime_dir.empty()) {
    for (const absl::string_view name : kOfTheSession) paths.push_back(absl::StrCat(runtime_dir, "/", name));
  }
  return paths;
}

}  // namespace paddock::audit
