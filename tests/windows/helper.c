#include <stdio.h>
#include <string.h>
#include <windows.h>

/* What probe_test.py needs a program of Windows for:
 *
 *   helper define S: C:\dir    the drive letter S: stands for that directory from now on, as subst does it
 *   helper load NAME.dll       loads a DLL by its bare name, the way that must not be taken
 */
int main(int argc, char** argv) {
  if (argc == 4 && strcmp(argv[1], "define") == 0) return DefineDosDeviceA(0, argv[2], argv[3]) ? 0 : 1;
  if (argc == 3 && strcmp(argv[1], "load") == 0) return LoadLibraryA(argv[2]) != NULL ? 0 : 1;
  fputs("helper: define DRIVE DIRECTORY, or load DLL\n", stderr);
  return 2;
}
