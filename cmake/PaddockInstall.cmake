# Installed tree: the tool, the libraries with their headers, CMake targets (paddock::runtime, ...) and paddock.pc.
