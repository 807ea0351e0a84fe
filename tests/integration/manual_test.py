"""The manual as it is installed: pages that the tools for manual pages have nothing to say about, and a documentation
that names the options there are.

    python3 manual_test.py PADDOCK SHARE_DIR DOCS_DIR [unittest arguments]
"""

import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

PADDOCK = SHARE = DOCS = None  # set from the arguments
TIMEOUT = 60


def help_of(*command):
    return subprocess.run([PADDOCK, *command, "--help"], check=True, capture_output=True, text=True, timeout=TIMEOUT).stdout


def commands():
    return re.findall(r"^  (\w+) ", re.search(r"^Commands\n((?:  .*\n)+)", help_of(), re.M).group(1), re.M)


def options_of(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


class Pages(unittest.TestCase):
    def pages(self):
        found = sorted((SHARE / "man").glob("man*/*"))
        self.assertEqual({p.name for p in found},
                         {"paddock.1", "paddock-policy.5"} | {f"paddock-{command}.1" for command in commands()})
        return found

    @staticmethod
    def complaints(argv, text):
        ran = subprocess.run(argv, input=text, capture_output=True, text=True, check=False, timeout=TIMEOUT)
        return ran.stdout + ran.stderr

    def check(self, argv):
        for page in self.pages():
            with self.subTest(page=page.name):
                self.assertEqual(self.complaints(argv, page.read_text()), "")
        # The control: a page with a mistake in it.
        self.assertTrue(self.complaints(argv, self.pages()[0].read_text() + "\n.XX unknown\n.TP\n.SH\n"))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_has_nothing_to_say(self):
        self.check(["mandoc", "-T", "lint", "-W", "warning"])

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_nothing_to_say(self):
        self.check(["groff", "-man", "-ww", "-z", "-K", "utf8"])

    def test_the_pages_are_plain_text(self):
        for page in self.pages():
            self.assertRegex(page.read_bytes(), rb"\A[\n -~]+\Z")

    def test_installed_scripts_are_those_that_the_tool_prints(self):
        for shell, name in (("bash", "bash-completion/completions/paddock"), ("zsh", "zsh/site-functions/_paddock"),
                            ("fish", "fish/vendor_completions.d/paddock.fish")):
            printed = subprocess.run([PADDOCK, "completion", shell], check=True, capture_output=True, timeout=TIMEOUT).stdout
            self.assertEqual((SHARE / name).read_bytes(), printed)


class Documentation(unittest.TestCase):
    def test_every_command_and_option_is_documented_and_no_other(self):
        documentation = (DOCS / "cli.md").read_text()
        # Of the tool's own, so not among the commands, and documented all the same.
        inner = ["relay"]
        there = options_of(help_of()) | {o for command in commands() + inner for o in options_of(help_of(command))}
        self.assertGreater(len(there), 20)
        self.assertEqual(options_of(documentation), there)
        for command in commands() + inner:
            self.assertIn(f"paddock {command}", documentation)


if __name__ == "__main__":
    PADDOCK, SHARE, DOCS = sys.argv.pop(1), Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
    unittest.main(verbosity=1)
