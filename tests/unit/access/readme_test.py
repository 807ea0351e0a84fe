"""The example of core/access/README.md is the one that is built: readme_test.py README SOURCE PROGRAM.

Every block of C++ on the page stands in the source as it is, and the block of text is what the program prints.
"""

import re
import subprocess
import sys


def main():
    readme, source, program = sys.argv[1:]
    with open(readme, encoding="utf-8") as file:
        page = file.read()
    with open(source, encoding="utf-8") as file:
        code = file.read()
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    quoted = [text for kind, text in blocks if kind == "cpp"]
    shown = [text for kind, text in blocks if kind == "text"]
    failures = [f"not in {source}:\n{text}" for text in quoted if text not in code]
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    if shown != [printed]:
        failures.append(f"the page shows {len(shown)} outputs, the program prints:\n{printed}")
    if not quoted:
        failures.append("the page quotes no code")
    print("\n".join(failures) or f"{len(quoted)} quotations, and the output")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
