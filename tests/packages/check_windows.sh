#!/bin/bash
# check_windows.sh ZIP WORK: the zip for Windows as somebody gets it: unpacked elsewhere, its tool run under Wine, and the C
# example built against it by mingw-w64, by hand and through CMake, and run.
# check_windows.sh --build BUILD WORK: makes such a zip of a build for Windows first.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$here/../..

fail() { echo "check_windows: $*" >&2; exit 1; }

if [ "$1" = --build ]; then
  work=$(readlink -m "$3")
  rm -rf "$work"
  mkdir -p "$work"
  (cd "$work" && cpack --config "$2/CPackConfig.cmake" -B "$work/packed" > cpack.log) || { cat "$work/cpack.log"; exit 1; }
  zip=$(echo "$work"/packed/*.zip)
else
  work=$(readlink -m "$2")
  rm -rf "$work"
  zip=$(readlink -f "$1")
fi
mkdir -p "$work/a folder"
/usr/bin/python3 -m zipfile -e "$zip" "$work/a folder"
unpacked=$(echo "$work/a folder"/paddock-*-windows-x86_64)

echo "== what it holds"
for file in bin/paddock.exe bin/paddock-runner.exe bin/paddock-guest.exe bin/paddock-linux-x86_64 bin/paddock.dll include/paddock.h \
  lib/libpaddock.dll.a lib/pkgconfig/paddock-c.pc lib/cmake/paddock/paddockConfig.cmake share/doc/paddock/LICENSE \
  share/doc/paddock/embedding.md share/doc/paddock/schema/run.schema.json share/paddock/windows/snapshot.ps1; do
  [ -s "$unpacked/$file" ] || fail "there is no $file in $zip"
done
# The control: what the zip has no use for.
[ ! -e "$unpacked/lib/libpaddock_base.a" ] || fail "the archives of the C++ libraries are in $zip"

# --build: a build's own tests need no licences of others.
[ "$1" = --build ] || [ -s "$unpacked/share/doc/paddock/third-party/libabsl-dev" ] || fail "the licences of what is linked in are not in $zip"

wine() { "$root/scripts/lib/wine_run" --prefix "$work/wine" -- "$@"; }

# A zip of Python's has no modes, and an unpacking Windows none either; Wine and Linux want one.
chmod +x "$unpacked/bin/"*

echo "== the tool"
version=$(wine "$unpacked/bin/paddock.exe" --version)
[ "$(tr -d '\r' <<< "$version")" = "$("$unpacked/bin/paddock-linux-x86_64" --version)" ] || fail "paddock.exe is $version, the relay is not"
cd "$work"
wine "$unpacked/bin/paddock.exe" probe --json > probe.json
grep -q '"os": "windows"' probe.json || fail "paddock probe does not say that this is Windows"
facts=$root/tests/fixtures/hosts/windows_11_home.json
wine "$unpacked/bin/paddock.exe" explain --json --host "$facts" > explain.json
cmp explain.json "$root/tests/golden/explain/windows_11_home.json"

echo "== a C program against it"
flags=(-std=c11 -Wall -Wextra -Wpedantic -Werror)
mkdir direct cmake
x86_64-w64-mingw32-gcc-posix "${flags[@]}" "$root/examples/capi/run.c" -I "$unpacked/include" -L "$unpacked/lib" -l paddock -o direct/run.exe
cmake -S "$root/tests/install_consumer/c_project" -B cmake -G Ninja -DCMAKE_SYSTEM_NAME=Windows \
  -DCMAKE_C_COMPILER=x86_64-w64-mingw32-gcc-posix -DCMAKE_PREFIX_PATH="$unpacked" > configure.log || { cat configure.log; exit 1; }
cmake --build cmake
for way in direct cmake; do
  status=0
  # The control: without the DLL it does not even start.
  wine "$way/run.exe" 'C:\' true > alone.out 2>&1 || status=$?
  [ $status != 125 ] || fail "$way: the program does not need the DLL"
  cp "$unpacked/bin/paddock.dll" "$way/"
  status=0
  wine "$way/run.exe" 'C:\' true > refused.out 2> refused.err || status=$?
  [ $status = 125 ] && grep -q workspace_is_root refused.err || { cat refused.err; fail "$way: exit status $status"; }
  # Wine enforces nothing, which has to be found out before anything runs.
  status=0
  mkdir "workspace-$way"
  wine "$way/run.exe" "workspace-$way" cmd.exe /c 'echo x> ran' > refused.out 2> refused.err || status=$?
  [ $status = 125 ] && grep -q readback_failed refused.err || { cat refused.err; fail "$way: exit status $status"; }
  [ ! -e "workspace-$way/ran" ] || fail "$way: the command ran"
done
echo "check_windows: all is well"
