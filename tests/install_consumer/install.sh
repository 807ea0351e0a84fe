#!/bin/bash
# install.sh BUILD_DIR PREFIX: installs BUILD_DIR afresh, for the tests that build against it.
set -euo pipefail
rm -rf "$2"
mkdir -p "$2"
cmake --install "$1" --prefix "$2" > "$2/install.log"
