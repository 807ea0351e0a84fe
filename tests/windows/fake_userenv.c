/* Stands in for userenv.dll: keeps profiles of AppContainers as files, and writes down what it is asked for. Everything
   lies in C:\fake_userenv: "calls.txt", "profiles\NAME", and "fail.txt" with the name of the function that is to fail.
   A name with "!" behind it succeeds, for another SID than is right. SIDs are made by the system's own hash function.
 */
#include <windows.h>
/* Behind windows.h, which it needs. */
#include <wincrypt.h>

#include <stdio.h>
#include <string.h>
#include <wchar.h>

static void Note(const char* function, PCWSTR name, DWORD capabilities) {
  FILE* file = fopen("C:\\fake_userenv\\calls.txt", "a");
  if (file == NULL) return;
  fprintf(file, "%s %ls %lu\n", function, name, capabilities);
  fclose(file);
}

static int Asked(const char* what) {
  char text[128] = "";
  FILE* file = fopen("C:\\fake_userenv\\fail.txt", "r");
  if (file == NULL) return 0;
  if (fgets(text, sizeof(text), file) == NULL) text[0] = '\0';
  fclose(file);
  return strcmp(text, what) == 0;
}

static BOOL Derive(PCWSTR name, BOOL wrong, PSID* sid) {
  static const SID_IDENTIFIER_AUTHORITY authority = {{0, 0, 0, 0, 0, 15}};
  SID_IDENTIFIER_AUTHORITY copy = authority;
  WCHAR lower[64];
  DWORD words[8];
  DWORD size = sizeof(words);
  HCRYPTPROV provider = 0;
  HCRYPTHASH hash = 0;
  size_t i = 0;
  BOOL done = FALSE;
  for (; name[i] != L'\0' && i < 63; ++i) lower[i] = (WCHAR)towlower(name[i]);
  if (CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT)) {
    done = CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash) &&
           CryptHashData(hash, (const BYTE*)lower, (DWORD)(i * sizeof(WCHAR)), 0) &&
           CryptGetHashParam(hash, HP_HASHVAL, (BYTE*)words, &size, 0);
    if (hash != 0) CryptDestroyHash(hash);
    CryptReleaseContext(provider, 0);
  }
  return done && AllocateAndInitializeSid(&copy, 8, 2, words[0], words[1], words[2], words[3], words[4], words[5],
                                          wrong ? words[6] + 1 : words[6], sid);
}

static void ProfilePath(PCWSTR name, WCHAR* path) { swprintf(path, 128, L"C:\\fake_userenv\\profiles\\%ls", name); }

__declspec(dllexport) HRESULT WINAPI DeriveAppContainerSidFromAppContainerName(PCWSTR name, PSID* sid) {
  Note("Derive", name, 0);
  if (Asked("Derive")) return E_ACCESSDENIED;
  return Derive(name, Asked("Derive!"), sid) ? S_OK : E_FAIL;
}

__declspec(dllexport) HRESULT WINAPI
    CreateAppContainerProfile(PCWSTR name, PCWSTR display_name, PCWSTR description, PSID_AND_ATTRIBUTES capabilities,
                              DWORD count, PSID* sid) {
  WCHAR path[128];
  HANDLE file;
  (void)display_name, (void)description, (void)capabilities;
  Note("Create", name, count);
  if (Asked("Create")) return HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
  ProfilePath(name, path);
  file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
  CloseHandle(file);
  return Derive(name, Asked("Create!"), sid) ? S_OK : E_FAIL;
}

__declspec(dllexport) HRESULT WINAPI DeleteAppContainerProfile(PCWSTR name) {
  WCHAR path[128];
  Note("Delete", name, 0);
  if (Asked("Delete")) return HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
  ProfilePath(name, path);
  return DeleteFileW(path) ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
}
