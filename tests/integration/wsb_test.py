"""`paddock wsb` on any system: the file for Windows Sandbox, as a reader of XML sees it.

    python3 wsb_test.py PADDOCK [unittest arguments]
"""

import json
import os
import sys
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

import cli_test
from cli_test import CliTest

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "tests/fixtures/hosts/windows_11_home.json"
SWITCHES = {"VGpu": "Disable", "Networking": "Disable", "AudioInput": "Disable", "VideoInput": "Disable",
            "ProtectedClient": "Enable", "PrinterRedirection": "Disable", "ClipboardRedirection": "Disable"}


class Wsb(CliTest):
    def machine(self, *args, status=0):
        ran = self.paddock("wsb", *args)
        self.assertEqual(ran.status, status, ran.err)
        if status:
            self.assertEqual(ran.out, b"")
            return ran.err.decode()
        document = ET.fromstring(ran.out)
        self.assertEqual(document.tag, "Configuration")
        self.assertEqual({name: document.findtext(name) for name in SWITCHES}.keys(), SWITCHES.keys())
        return document

    @staticmethod
    def folders(document):
        return [tuple(folder.findtext(name) for name in ("HostFolder", "SandboxFolder", "ReadOnly"))
                for folder in document.iter("MappedFolder")]

    def test_an_empty_machine_shares_nothing(self):
        document = self.machine()
        self.assertEqual({child.tag: child.text for child in document}, SWITCHES)

    def test_what_the_policy_opens_is_open_and_nothing_else(self):
        document = self.machine("--net", "open", "--memory", "8GiB", "--rw", "D:\\o & u")
        opened = {child.tag: child.text for child in document if child.tag in SWITCHES}
        self.assertEqual(opened, {**SWITCHES, "Networking": "Enable"})
        self.assertEqual(document.findtext("MemoryInMB"), "8192")

    def test_folders_are_read_only_unless_granted(self):
        self.assertEqual(self.folders(self.machine("--workspace", "C:\\Users\\me\\src")),
                         [("C:\\Users\\me\\src", "C:\\paddock\\workspace", "true")])
        self.assertEqual(self.folders(self.machine("--workspace", "C:\\ws", "--rw", "D:\\a&b", "--ro", "D:\\c'd")),
                         [("C:\\ws", "C:\\paddock\\workspace", "true"),
                          ("D:\\a&b", "C:\\paddock\\folders\\1", "false"),
                          ("D:\\c'd", "C:\\paddock\\folders\\2", "true")])

    def test_places_that_are_no_folder_to_map_are_refused(self):
        for place in ("C:\\", "C:\\Users", "C:\\Users\\me", "\\\\server\\share\\x", "\\\\wsl$\\Debian\\home", "C:rel"):
            with self.subTest(place=place):
                status = self.paddock("wsb", "--workspace", place).status
                self.assertIn(status, (2, 125))
        self.assertIn("C:\\dir", self.machine("--workspace", "/tmp", status=2))
        # Control.
        self.machine("--workspace", "C:\\Users\\me\\src")

    def test_the_command_is_one_line_that_windows_splits_back(self):
        document = self.machine("--", "C:\\x y\\z.exe", "a\"b", "<&>", "")
        self.assertEqual(document.findtext("LogonCommand/Command"), '"C:\\x y\\z.exe" "a\\"b" "<&>" ""')
        self.assertIn("command_invalid", self.machine("--", "x.cmd", "a%b", status=2))

    def test_a_recorded_host(self):
        facts = json.loads(HOST.read_text())
        folder = facts["workspace"]["root"]["real_path"]
        self.assertEqual(self.folders(self.machine("--host", HOST)), [])
        self.assertEqual(self.folders(self.machine("--host", HOST, "--workspace", folder)),
                         [(folder, "C:\\paddock\\workspace", "true")])
        ran = self.paddock("wsb", "--host", HOST, "--workspace", folder)
        self.assertNotIn(b"nobody has looked", ran.err)
        self.assertIn(b"nobody has looked", self.paddock("wsb", "--workspace", "C:\\ws").err)

    def test_the_file(self):
        ran = self.paddock("wsb", "--file", "box.wsb")
        self.assertEqual((ran.status, ran.out), (0, b""), ran.err)
        self.assertEqual((self.ws / "box.wsb").read_bytes(), self.paddock("wsb").out)
        self.assertEqual(self.paddock("wsb", "--file", "none/box.wsb").status, 2)
        self.assertEqual(self.paddock("wsb", "--file", "").status, 2)


def main():
    cli_test.PADDOCK = os.path.abspath(sys.argv[1])
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])


if __name__ == "__main__":
    main()
