#!/bin/bash
# check.sh PREFIX WORK_DIR COMPILER: builds consumer.cc against what install.sh put into PREFIX, through CMake and through
# pkg-config, and runs both programs and the installed tool. Everything lies in WORK_DIR.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
prefix=$1
work=$2
compiler=$3
facts=$here/../fixtures/hosts/linux_6_18.json

rm -rf "$work"
mkdir -p "$work"

echo "== through CMake"
cmake -S "$here/project" -B "$work/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
  > "$work/configure.log" || { cat "$work/configure.log"; exit 1; }
cmake --build "$work/cmake"
"$work/cmake/consumer" "$facts" > "$work/decision.json"

echo "== through pkg-config"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name paddock.pc)")
export PKG_CONFIG_PATH
# Words on purpose: these are lists of compiler arguments.
# shellcheck disable=SC2046
"$compiler" $(pkg-config --cflags paddock) "$here/consumer.cc" -o "$work/consumer" $(pkg-config --libs paddock)
"$work/consumer" "$facts" > "$work/decision-pc.json"
cmp "$work/decision.json" "$work/decision-pc.json"

echo "== what they decided"
grep -q '"linux_landlock' "$work/decision.json"
head -n 20 "$work/decision.json"

# The control: without facts nothing may be ranked, and the program has to say so.
echo '{"schema": "paddock.facts/1"}' > "$work/nothing.json"
if "$work/consumer" "$work/nothing.json" > /dev/null 2> "$work/nothing.log"; then
  echo "a host of which nothing is known was given a sandbox" >&2
  exit 1
fi

echo "== the installed tool"
"$prefix/bin/paddock" --version

echo "== its manual pages and completion scripts"
commands=$("$prefix/bin/paddock" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<< "$commands")" -ge 6 ]
for page in man1/paddock.1 man5/paddock-policy.5 $(printf 'man1/paddock-%s.1 ' $commands); do
  test -s "$prefix/share/man/$page" || { echo "share/man/$page is not installed" >&2; exit 1; }
done
for script in bash-completion/completions/paddock zsh/site-functions/_paddock fish/vendor_completions.d/paddock.fish; do
  test -s "$prefix/share/$script" || { echo "share/$script is not installed" >&2; exit 1; }
done
bash --norc -c 'source "$1" && complete -p paddock' bash "$prefix/share/bash-completion/completions/paddock"
