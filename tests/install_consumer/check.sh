#!/bin/bash
# check.sh PREFIX WORK_DIR COMPILER: builds consumer.cc against what install.sh put into PREFIX, through CMake and through
# pkg-config, the examples of the C library against that, and runs all of them and the installed tool. Everything lies in
# WORK_DIR.
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

if [ -f "$prefix/include/paddock.h" ]; then
  echo "== the C library, from C, C++ and Rust"
  examples=$here/../../examples/capi
  library=$(dirname "$(find "$prefix" -name libpaddock.so)")
  workspace=$work/a\ workspace
  mkdir "$workspace"
  for standard in c11 c++20; do
    language=${standard%%[0-9]*}
    # shellcheck disable=SC2046
    "${compiler}" -x "$language" -std=$standard -Wall -Wextra -Wpedantic -Werror -fsyntax-only $(pkg-config --cflags paddock-c) "$prefix/include/paddock.h"
  done
  # shellcheck disable=SC2046
  "$compiler" -x c -std=c11 -Wall -Wextra -Wpedantic -Werror "$examples/run.c" -o "$work/run-c" $(pkg-config --cflags --libs paddock-c)
  cmake -S "$here/c_project" -B "$work/c" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" > "$work/configure-c.log" ||
    { cat "$work/configure-c.log"; exit 1; }
  cmake --build "$work/c"
  cp "$work/c/run" "$work/run-cmake"
  rustc --edition 2021 -D warnings "$examples/run.rs" -L "$library" -l paddock -o "$work/run-rust"
  for program in run-c run-cmake run-rust; do
    status=0
    LD_LIBRARY_PATH=$library "$work/$program" "$workspace" sh -c 'echo "from $1" > made; echo "in \"$PWD\""; exit 7' sh $program \
      > "$work/$program.out" || status=$?
    [ $status = 7 ] && [ "$(cat "$workspace/made")" = "from $program" ] && [ "$(cat "$work/$program.out")" = "in \"$workspace\"" ]
    # The control: a refusal is none of the command's own ends, and says what to do.
    status=0
    LD_LIBRARY_PATH=$library "$work/$program" / true 2> "$work/$program.err" || status=$?
    [ $status = 125 ] && grep -q workspace_is_root "$work/$program.err"
  done
fi

echo "== the installed tool"
"$prefix/bin/paddock" --version

echo "== its manual pages and completion scripts"
commands=$("$prefix/bin/paddock" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<< "$commands")" -ge 6 ]
for page in man1/paddock.1 man5/paddock-policy.5 $(printf 'man1/paddock-%s.1 ' $commands); do
  test -s "$prefix/share/man/$page" || test -s "$prefix/share/man/$page.gz" || { echo "share/man/$page is not installed" >&2; exit 1; }
done
for script in bash-completion/completions/paddock zsh/site-functions/_paddock fish/vendor_completions.d/paddock.fish; do
  test -s "$prefix/share/$script" || { echo "share/$script is not installed" >&2; exit 1; }
done
bash --norc -c 'source "$1" && complete -p paddock' bash "$prefix/share/bash-completion/completions/paddock"
