#include "backends/wsl2/relay_scripts.h"

namespace paddock::wsl2 {
namespace {

// $1 the hash, $2 the nonce; of kRun, $3 may be --facts. Where the home is not known, or sha256sum lies elsewhere
// (NixOS), that is said. `command exec` since a redirection that fails would end a shell at `exec` itself.
constexpr absl::string_view kRun =
    "set -f; IFS=; umask 077; say() { echo; echo PADDOCK-RELAY/1 $2 $3; exit 0; }; "
    "h=$1; n=$2; o=$3; f=$HOME/.local/share/paddock/relay/$h/paddock; "
    "test -r $f || say $h $n absent; command exec 3<$f || say $h $n absent; "
    "for t in /usr/bin/sha256sum /bin/sha256sum /run/current-system/sw/bin/sha256sum; do "
    "test -x $t || continue; s=$($t <&3) || say $h $n unverifiable; "
    "case $s in $h*) ;; *) say $h $n differs;; esac; "
    "exec /proc/self/fd/3 relay --nonce $n $o; done; say $h $n unverifiable";

constexpr absl::string_view kPlace =
    "set -f; IFS=; umask 077; say() { echo; echo PADDOCK-RELAY/1 $2 $3; exit 0; }; "
    "h=$1; n=$2; d=$HOME/.local/share/paddock/relay/$h; t=$d/new.$$; PATH=/usr/bin:/bin:/run/current-system/sw/bin; "
    "mkdir -p $d && cat >$t || say $h $n unwritable; "
    "s=$(sha256sum <$t); case $s in $h*) ;; *) rm -f $t; say $h $n differs;; esac; "
    "chmod 500 $t && mv -f $t $d/paddock || say $h $n unwritable; say $h $n placed";

std::vector<std::string> Arguments(absl::string_view distribution, absl::string_view script, absl::string_view hash,
                                   absl::string_view nonce) {
  return {"wsl.exe",
          "-d",
          std::string(distribution),
          "--cd",
          "/",
          "--exec",
          "/bin/sh",
          "-c",
          std::string(script),
          "sh",
          std::string(hash),
          std::string(nonce)};
}

}  // namespace

absl::string_view RunScript() { return kRun; }
absl::string_view PlaceScript() { return kPlace; }

std::vector<std::string> RunArguments(absl::string_view distribution, absl::string_view hash, absl::string_view nonce,
                                      bool facts) {
  std::vector<std::string> arguments = Arguments(distribution, kRun, hash, nonce);
  if (facts) arguments.emplace_back("--facts");
  return arguments;
}

std::vector<std::string> PlaceArguments(absl::string_view distribution, absl::string_view hash,
                                        absl::string_view nonce) {
  return Arguments(distribution, kPlace, hash, nonce);
}

}  // namespace paddock::wsl2
