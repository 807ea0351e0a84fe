#!/bin/bash
# check_debian.sh DIR WORK COMPILER [lintian]: the .deb packages in DIR as somebody gets them. What each holds and needs, and
# that the programs of ../install_consumer can be built against them and run, unpacked into one tree. With `lintian`, Debian's
# own checker goes over them, which takes a minute.
# check_debian.sh --build BUILD WORK COMPILER: makes packages of a build first.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=
if [ "$1" = --build ]; then build=$(readlink -m "$2"); shift; fi
packages=$(readlink -m "$1")
work=$(readlink -m "$2")
compiler=$3

fail() { echo "check_debian: $*" >&2; exit 1; }
field() { dpkg-deb --field "$(echo "$packages/${1}"_*.deb)" "$2"; }

rm -rf "$work"
mkdir -p "$work/root"
if [ -n "$build" ]; then
  packages=$work/packages
  mkdir "$packages"
  (umask 022; cd "$packages" && cpack --config "$build/CPackConfig.cmake" -B "$packages" > "$work/cpack.log") || { cat "$work/cpack.log"; exit 1; }
fi

# package  a file of it  what it has to depend on, comma-separated. LIB: of a build for /usr it names the architecture.
table() {
  cat << 'TABLE'
paddock        usr/bin/paddock                    -
paddock        usr/share/man/man1/paddock-run.1.gz  -
paddock        usr/share/doc/paddock/changelog.gz   -
libpaddock0    LIB/libpaddock.so.0          libc6,libabsl
libpaddock-dev usr/include/paddock.h              libpaddock0,libabsl-dev,nlohmann-json3-dev,libtomlplusplus-dev
libpaddock-dev LIB/libpaddock.so            libpaddock0
libpaddock-dev LIB/cmake/paddock/paddockConfig.cmake  libpaddock0
libpaddock-dev LIB/pkgconfig/paddock-c.pc   libpaddock0
paddockd       usr/bin/paddockd                   paddock,libgrpc++,libprotobuf
paddockd       usr/libexec/paddock/paddock-zygote paddock
TABLE
}

echo "== what they hold"
: > "$work/files"
for package in $(table | cut -d ' ' -f 1 | sort -u); do
  files=("$packages/${package}"_*.deb)
  [ ${#files[@]} = 1 ] && [ -f "${files[0]}" ] || fail "$packages has not one package $package, but: ${files[*]}"
  dpkg-deb --extract "${files[0]}" "$work/root"
  dpkg-deb --fsys-tarfile "${files[0]}" | tar -t | grep -v '/$' | sed "s|^|$package |" >> "$work/files"
  grep -q "^$package ./usr/share/doc/$package/copyright$" "$work/files" || fail "$package has no copyright"
done
twice=$(cut -d ' ' -f 2 "$work/files" | sort | uniq -d)
[ -z "$twice" ] || fail "in two packages: $twice"
while read -r package file needs; do
  grep -Eqx "$package \./${file/#LIB/usr/lib(/[^/]*-linux-gnu)?}" "$work/files" || fail "$package has no $file"
  [ "$needs" != - ] || continue
  for need in ${needs//,/ }; do
    [[ ", $(field "$package" Depends)" == *", $need"* ]] || fail "$package does not depend on $need, but on: $(field "$package" Depends)"
  done
done < <(table)
# The control, and that the static tool asks for nothing.
[ -z "$(field paddock Depends)" ] || fail "paddock depends on $(field paddock Depends)"

echo "== what they depend on is here"
for package in libpaddock0 libpaddock-dev paddockd; do
  field "$package" Depends | tr ',' '\n' | while read -r need _; do
    case $need in
      paddock | libpaddock0) [ "$(field "$package" Version)" = "$(field "$need" Version)" ] || fail "$need has another version" ;;
      *) dpkg-query --show "$need" > "$work/known" 2>&1 || fail "$package depends on $need, which is not installed here" ;;
    esac
  done
done

"$here/../install_consumer/check.sh" "$work/root/usr" "$work/consumer" "$compiler"

if [ "${4:-}" = lintian ]; then
  echo "== lintian"
  command -v lintian > /dev/null || fail "there is no lintian here; install it, or leave this check out"
  lintian --allow-root --fail-on error "$packages"/*.deb
fi
echo "check_debian: all is well"
