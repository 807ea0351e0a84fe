"""The DLL as a file: it exports the functions of paddock.h and nothing else, and needs no DLL that Windows does not bring.

    dll_test.py DLL HEADER OBJDUMP
"""

import pathlib
import re
import subprocess
import sys
import unittest

DLL, HEADER, OBJDUMP = sys.argv[1:4]

OF_WINDOWS = {"advapi32", "dbghelp", "kernel32", "msvcrt", "ntdll", "ole32", "oleaut32", "shell32", "user32", "ws2_32"}


class DllTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.said = subprocess.run([OBJDUMP, "--private-headers", DLL], capture_output=True, text=True, check=True).stdout

    def test_it_exports_its_interface_alone(self):
        table = self.said.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
        exported = re.findall(r"^\s*\[\s*\d+\].*?(\S+)$", table, re.MULTILINE)
        declared = re.findall(r"^PADDOCK_API [^;]*?\b(paddock_\w+)\(", pathlib.Path(HEADER).read_text(), re.MULTILINE)
        self.assertGreater(len(declared), 20)
        self.assertEqual(sorted(exported), sorted(declared))

    def test_it_needs_windows_alone(self):
        needed = {name.lower().removesuffix(".dll") for name in re.findall(r"DLL Name: (\S+)", self.said)}
        self.assertIn("kernel32", needed)
        self.assertEqual(needed - OF_WINDOWS, set())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
