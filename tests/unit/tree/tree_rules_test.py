"""Every rule of tree_rules.py has to find its breach in a small tree made for it, and to be silent on the twin beside."""

import os
import tempfile
import unittest

import tree_rules


def guarded(path, body=""):
    guard = "PADDOCK_" + path.upper().replace("/", "_").replace(".", "_") + "_"
    return f"#ifndef {guard}\n#define {guard}\n{body}\n#endif  // {guard}\n"


class TreeRulesTest(unittest.TestCase):
    def messages(self, path, content):
        with tempfile.TemporaryDirectory() as root:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
            return [message for _, _, message in tree_rules.breaches(root, [path])]

    def assert_breach(self, path, content, part):
        messages = self.messages(path, content)
        self.assertTrue(any(part in m for m in messages), f"no breach with '{part}' in {messages}")

    def assert_clean(self, path, content):
        self.assertEqual(self.messages(path, content), [])

    def test_stages_of_core_include_earlier_stages_only(self):
        self.assert_clean("core/host/a.cc", '#include "core/request/request.h"\n')
        self.assert_breach("core/request/a.cc", '#include "core/host/facts.h"\n', "core/request may not include")
        self.assert_breach("core/runtime/a.cc", '#include "backends/wsl2/backend.h"\n', "core/runtime may not include")
        self.assert_breach("core/rubric/a.cc", '#include "core/runtime/runtime.h"\n', "core/rubric may not include")

    def test_backends_do_not_include_each_other(self):
        self.assert_clean("backends/wsl2/plan.cc", '#include "backends/wsl2/plan.h"\n#include "core/plan/launch_plan.h"\n')
        self.assert_breach("backends/wsl2/plan.cc", '#include "backends/linux_landlock/plan.h"\n', "may not include")
        self.assert_breach("backends/wsl2/plan.cc", '#include "cli/run.h"\n', "may not include")

    def test_composition_roots_include_everything_below(self):
        self.assert_clean("cli/a.cc", '#include "backends/wsl2/plan.h"\n#include "core/runtime/runtime.h"\n')
        self.assert_breach("cli/a.cc", '#include "service/server.h"\n', "cli may not include")

    def test_include_paths_start_at_the_root(self):
        self.assert_breach("core/base/a.cc", '#include "json.h"\n', "start at the root")

    def test_os_headers_stay_in_their_places(self):
        for header in ["unistd.h", "sys/mount.h", "linux/landlock.h", "windows.h", "seccomp.h"]:
            self.assert_breach("core/policy/a.cc", f"#include <{header}>\n", "OS header")
            self.assert_breach("cli/a.cc", f"#include <{header}>\n", "OS header")
            self.assert_breach("backends/linux_landlock/plan.cc", f"#include <{header}>\n", "OS header")
            self.assert_clean("backends/linux_landlock/launch_namespaces.cc", f"#include <{header}>\n")
            self.assert_clean("core/platform/posix/a.cc", f"#include <{header}>\n")
        self.assert_clean("core/policy/a.cc", "#include <string>\n#include <csignal>\n")

    def test_conditionals_on_the_os_in_headers(self):
        body = "#ifdef _WIN32\n#endif"
        self.assert_breach("core/base/a.h", guarded("core/base/a.h", body), "conditional on the OS")
        self.assert_clean("core/platform/a.h", guarded("core/platform/a.h", body))

    def test_include_guards(self):
        self.assert_clean("cli/run.h", guarded("cli/run.h"))
        self.assert_breach("cli/run.h", guarded("cli/other.h"), "PADDOCK_CLI_RUN_H_")
        self.assert_breach("cli/run.h", "#pragma once\n", "PADDOCK_CLI_RUN_H_")

    def test_one_definition(self):
        def found(files):
            with tempfile.TemporaryDirectory() as root:
                for path, content in files.items():
                    os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                    with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                        file.write(content)
                return [message for _, _, message in tree_rules.breaches(root, sorted(files))]

        def defined(kind, namespaces):
            opened = [" ".join(["namespace", *name, "{"]) for name in namespaces]
            closed = ["}  " + " ".join(["// namespace", *name]) for name in reversed(namespaces)]
            return "\n".join([*opened, f"{kind} Held {{", "};", *closed, ""])

        paddock, audit, nameless = ["paddock"], ["audit"], []
        first = {"core/base/a.cc": defined("struct", [paddock])}
        messages = found({**first, "backends/wsl2/b.cc": defined("class", [paddock])})
        self.assertEqual(len(messages), 1)
        self.assertIn("one-definition", messages[0])
        for other in [audit, nameless]:
            self.assertEqual(found({**first, "cli/b.cc": defined("struct", [paddock, other])}), [])

    def test_length(self):
        self.assert_clean("cli/a.cc", "int x;\n" * tree_rules.LONGEST_FILE)
        self.assert_breach("cli/a.cc", "int x;\n" * (tree_rules.LONGEST_FILE + 1), "lines: one subject")

    def test_text_that_must_not_stand(self):
        self.assert_breach("cli/a.cc", "// TO" + "DO: later\n", "unfinished")
        self.assert_breach("docs/a.md", "see /wo" + "rk/main\n", "one machine")
        self.assert_breach("core/base/a.cc", 'std::getenv("X");\n', "reads the environment")
        self.assert_breach("core/base/a.h", guarded("core/base/a.h", "void F(std::string_view);"), "std::string_view")
        self.assert_clean("docs/a.md", "a plain sentence\n")

    def test_line_ends(self):
        self.assert_breach("cli/a.cc", "int x; \n", "white space")
        self.assert_breach("cli/a.cc", "int x;\r\n", "carriage return")

    def test_made_by_tools(self):
        self.assert_breach("build/dev/x.cc", "", "made by a tool")
        self.assert_breach("cli/run.o", "", "made by a tool")
        self.assert_breach("docs/x.bin", b"\0\1", "binary")
        self.assert_clean("tests/fuzz/corpus/json/1", b"\0\1")


if __name__ == "__main__":
    unittest.main()
