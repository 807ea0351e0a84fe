"""Shell completion in the shells themselves: each is started on a terminal, lines are typed with TAB in them, and what
the shell makes of a line is what a function named `paddock` is called with.

    python3 completion_test.py PADDOCK [unittest arguments]

A shell that is not installed is skipped; without bash, which every Debian has, the suite fails.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PADDOCK = None  # set from the first argument
TIMEOUT = 60
ECHO = "paddock() { printf '\\n<'; printf '%s|' \"$@\"; printf '>\\n'; }"
SETUP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], ["source {script}", ECHO, "bind 'set enable-bracketed-paste off'"]),
    "zsh": (["zsh", "-f", "-i"], ["autoload -Uz compinit; compinit -u -d {dir}/dump; source {script}", ECHO,
                                  "unset zle_bracketed_paste; PS1='> '; setopt no_prompt_cr"]),
}


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, argv, directory):
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(directory), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(argv, cwd=directory, env=environment, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        os.close(slave)
        self.count = 0

    def run(self, line):
        """What the shell writes from the line on, until it has run it. TABs in the line are pressed as they come."""
        self.count += 1
        # The mark is typed in two parts, so that the echo of the line is not taken for its output.
        os.write(self.master, line.encode() + b"\r" + f"echo D''ONE{self.count}.\r".encode())
        text = ""
        while f"DONE{self.count}." not in text:
            if not select.select([self.master], [], [], TIMEOUT)[0]:
                raise AssertionError(f"no answer to {line!r}: {text[-500:]!r}")
            text += os.read(self.master, 65536).decode("utf-8", "replace")
        return text

    def close(self):
        self.process.kill()
        self.process.wait(TIMEOUT)
        os.close(self.master)


def help_of(*command):
    return subprocess.run([PADDOCK, *command, "--help"], check=True, capture_output=True, text=True, timeout=TIMEOUT).stdout


def section(text, title):
    return re.search(rf"^{title}\n((?:  .*\n)+)", text, re.M).group(1)


def commands():
    return re.findall(r"^  (\w+) ", section(help_of(), "Commands"), re.M)


def options(command):
    """Each long option with whether it takes a value, as --help has them."""
    return [(name, bool(value)) for name, value in re.findall(r"^ +(?:-\w, )?(--[\w-]+)( [A-Z]\S*)?", help_of(command), re.M)]


class CompletionTest(unittest.TestCase):
    shell = None

    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="paddock-completion-"))
        self.addCleanup(shutil.rmtree, self.dir)
        script = self.dir / f"paddock.{self.shell}"
        script.write_bytes(subprocess.run([PADDOCK, "completion", self.shell], check=True, capture_output=True, timeout=TIMEOUT).stdout)
        (self.dir / "folder").mkdir()
        (self.dir / "policy file.toml").write_text("")
        (self.dir / "facts.json").write_text("")
        self.start(script)

    # Lines, with TAB where it is pressed, and the words that paddock gets. What is not unique is not completed.
    LINES = [
        ("paddock expl\t.", ["explain", "."]),
        ("paddock help gc\t.", ["help", "gc", "."]),
        ("paddock --vers\t.", ["--version", "."]),
        ("paddock run --workl\t.", ["run", "--workload", "."]),
        ("paddock run --profile read\t.", ["run", "--profile", "read-only", "."]),
        ("paddock run --profile=read\t.", ["run", "--profile=read-only", "."]),
        ("paddock run --workload c\t.", ["run", "--workload", "co."]),
        ("paddock run --net all\t.", ["run", "--net", "allow=."]),
        ("paddock run --net=op\t.", ["run", "--net=open", "."]),
        ("paddock run --require write=disp\t.", ["run", "--require", "write=disposable", "."]),
        ("paddock run --require=network=br\t.", ["run", "--require=network=brokered", "."]),
        ("paddock run --backend linux_landlock:name\t.", ["run", "--backend", "linux_landlock:namespaces", "."]),
        ("paddock run --backend=windows_t\t.", ["run", "--backend=windows_token", "."]),
        ("paddock run --tty nev\t.", ["run", "--tty", "never", "."]),
        ("paddock run --command-os lin\t.", ["run", "--command-os", "linux", "."]),
        ("paddock run --prefer fid\t.", ["run", "--prefer", "fidelity", "."]),
        ("paddock run --workspace fol\t.", ["run", "--workspace", "folder/."]),
        ("paddock run --workspace fac\t.", ["run", "--workspace", "fac."]),
        ("paddock run --policy pol\t.", ["run", "--policy", "policy file.toml", "."]),
        ("paddock run --policy=pol\t.", ["run", "--policy=policy file.toml", "."]),
        ("paddock explain --host fac\t.", ["explain", "--host", "facts.json", "."]),
        ("paddock run --env LC_A\t.", ["run", "--env", "LC_ALL", "."]),
        ("paddock run --rw folder --rw fol\t.", ["run", "--rw", "folder", "--rw", "folder/."]),
        ("paddock policy che\t.", ["policy", "check", "."]),
        ("paddock policy check fac\t.", ["policy", "check", "facts.json", "."]),
        ("paddock policy --profile coding sh\t.", ["policy", "--profile", "coding", "show", "."]),
        ("paddock wsb --host fac\t.", ["wsb", "--host", "facts.json", "."]),
        ("paddock completion fi\t.", ["completion", "fish", "."]),
        # After the mark, the command's own words: its name, its files, and no option of Paddock's.
        ("paddock run -- mkfif\t.", ["run", "--", "mkfifo", "."]),
        ("paddock run --strict -- cat fac\t.", ["run", "--strict", "--", "cat", "facts.json", "."]),
        ("paddock run -- cat --workl\t.", ["run", "--", "cat", "--workl."]),
        # Where nothing fits, nothing changes.
        ("paddock gc --workl\t.", ["gc", "--workl."]),
        ("paddock run mkfif\t.", ["run", "mkfif."]),
    ]

    def test_lines(self):
        for line, words in self.LINES:
            with self.subTest(line=line):
                self.assertEqual(self.complete(line), words)

    def test_every_command_and_every_option(self):
        """Of every subcommand that the help names, every option that its help names: the control is one that it does not."""
        known = commands()
        self.assertGreaterEqual(len(known), 7)
        for command in known:
            names = [name for name, _ in options(command)]
            self.assertIn("--help", names)
            for name in names:
                # As much as tells it from the others.
                others = [n for n in names if n != name]
                stem = next(name[:i] for i in range(3, len(name) + 1) if not any(o.startswith(name[:i]) for o in others))
                with self.subTest(command=command, option=name):
                    self.assertEqual(self.complete(f"paddock {command} {stem}\t."), [command, name, "."])
            self.assertEqual(self.complete(f"paddock {command} --bogu\t."), [command, "--bogu."])


class TypedTest(CompletionTest):
    def start(self, script):
        argv, lines = SETUP[self.shell]
        self.terminal = Terminal([shutil.which(argv[0]), *argv[1:]], self.dir)
        self.addCleanup(self.terminal.close)
        for line in lines:
            self.terminal.run(line.replace("{script}", str(script)).replace("{dir}", str(self.dir)))

    def complete(self, line):
        found = re.search(r"\n<(.*)\|>", self.terminal.run(line))
        self.assertIsNotNone(found, line)
        return found.group(1).split("|")


class Bash(TypedTest):
    shell = "bash"


class BashWithItsLibrary(TypedTest):
    """With bash-completion, which hands on to the command's own completion."""
    shell = "bash"
    LIBRARY = "/usr/share/bash-completion/bash_completion"

    def start(self, script):
        if not os.path.exists(self.LIBRARY):
            self.skipTest("bash-completion is not installed")
        super().start(script)
        self.terminal.run(f"source {self.LIBRARY}")

    def test_the_commands_own_completion(self):
        self.terminal.run("_greet() { COMPREPLY=(hello); }; complete -F _greet greet")
        self.assertEqual(self.complete("paddock run -- greet h\t."), ["run", "--", "greet", "hello", "."])


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(TypedTest):
    shell = "zsh"

    def complete(self, line):
        """zsh puts "=" after an option that takes a value, and takes it away again when a blank is typed."""
        words = super().complete(line)
        if words[-1].startswith("--") and words[-1].endswith("=.") and "=" not in line:
            words[-1:] = [words[-1][:-2], "."]
        return words


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class Fish(CompletionTest):
    """fish has a command that says what it would offer."""
    shell = "fish"

    def start(self, script):
        self.script = script

    def complete(self, line):
        typed = line.split("\t")[0]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.dir), "LC_ALL": "C.UTF-8"}
        offered = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", str(self.script), typed],
                                 cwd=self.dir, env=environment, check=True, capture_output=True, text=True, timeout=TIMEOUT).stdout
        words = typed.split()[1:]
        candidates = [c.split("\t")[0] for c in offered.splitlines()]
        if len(candidates) != 1:
            common = os.path.commonprefix(candidates) if candidates else words[-1]
            return words[:-1] + [common + "."]
        unfinished = candidates[0].endswith(("=", "/"))
        return words[:-1] + ([candidates[0] + "."] if unfinished else [candidates[0], "."])


del CompletionTest, TypedTest  # the shells' classes are the tests

if __name__ == "__main__":
    PADDOCK = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
