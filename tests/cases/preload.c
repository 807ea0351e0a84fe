// Given to the launcher by LD_PRELOAD and LD_AUDIT: creates the file named in PRELOAD_CANARY as soon as it is loaded.

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

unsigned la_version(unsigned version);
unsigned la_version(unsigned version) { return version; }

__attribute__((constructor)) static void Loaded(void) {
  const char* path = getenv("PRELOAD_CANARY");
  if (path != NULL) close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}
