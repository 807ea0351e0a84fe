"""The agent's own attack: what it leaves in the workspace for the host to execute or obey later."""

import shutil

from attacks_common import Attack, attack, both, host_git, reported, shell
from harness import contents, differences


def git_row(name, argv, setup=None, *directories, **more):
    """Decided by whether the host, using git afterwards, runs the payload."""
    prepare = host_git(*directories)
    return Attack(name, "executed", argv, both(prepare, setup) if setup else prepare, **more)


def protected(name, path, setup=None, by="plant", **more):
    extra = ("{ws}",) if by != "plant" else ()
    return Attack(name, "protected", attack(by, "{ws}/" + path, "x", *extra), setup or (lambda scene: None), **more)


def config(*pairs):
    def setup(scene):
        for key, value in pairs:
            scene.git("config", key, value)
    return setup


def nested_repository(scene):
    scene.git("init", "-q", "lib")
    scene.write(scene.ws / "lib/file", "x")
    scene.git("add", "-A", cwd=scene.ws / "lib")
    scene.git("commit", "-q", "-m", "lib", cwd=scene.ws / "lib")


def deep_repository(scene):
    scene.git("init", "-q", "a/b/lib")
    scene.write(scene.ws / "a/b/lib/file", "x")
    scene.git("add", "-A", cwd=scene.ws / "a/b/lib")
    scene.git("commit", "-q", "-m", "lib", cwd=scene.ws / "a/b/lib")


def submodule(scene):
    scene.git("clone", "-q", "--bare", "{ws}", "{root}/main/origin.git")
    scene.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "{root}/main/origin.git", "sub-module")
    scene.git("commit", "-q", "-m", "submodule")


def worktree(scene):
    """The workspace becomes a linked worktree of a repository that lies outside of it."""
    scene.git("clone", "-q", "{ws}", "{root}/main/repository", cwd=scene.root)
    shutil.rmtree(scene.ws)
    scene.git("worktree", "add", "-q", "-b", "topic", "{ws}", cwd=scene.root / "main/repository")
    scene.vars["common"] = scene.root / "main/repository/.git"
    scene.vars["gitdir"] = scene.vars["common"] / "worktrees/ws"


def evil_git(where):
    """A shell fragment: a git directory whose configuration runs the payload."""
    return (f"cp -r '{{ws}}/.git' '{where}'; "
            f"printf '[core]\\n\\tfsmonitor = \"{{touch}}\"\\n' >> '{where}/config'; ")


def include_target(scene):
    scene.write(scene.ws / "gitextra", "")
    scene.git("config", "include.path", "../gitextra")


def hooks_target(scene):
    scene.write(scene.ws / ".githooks/pre-commit", "#!/bin/sh\n", 0o755)
    scene.git("config", "core.hooksPath", ".githooks")


def existing(path):
    return lambda scene: scene.write(scene.ws / path, "{}\n")


def linked(link, target):
    """A protected name that is a link to a directory of the workspace, made in an earlier run."""
    def setup(scene):
        (scene.ws / target).mkdir()
        scene.own(scene.ws / target)
        (scene.ws / link).symlink_to(target)
        scene.own(scene.ws / link)
        before = contents(scene.ws, [target])
        scene.watch("protected", lambda: "written through the link"
                    if differences(before, contents(scene.ws, [target])) else None)
    return setup


def dangling_to_outside(scene):
    """What the run makes in place of an absent name must not follow a link out."""
    (scene.ws / ".claude").symlink_to(scene.out / "made")
    scene.own(scene.ws / ".claude")


def in_workspace(name, source):
    def setup(scene):
        target = scene.ws / name
        shutil.copy(source(scene), target)
        target.chmod(0o755)
        scene.own(target)
        before = target.read_bytes()
        scene.vars["inside"] = target
        scene.watch("protected", lambda: f"{name} was changed" if not target.exists() or target.read_bytes() != before else None)
    return setup


def own_binary_needs(scene):
    return None if scene.lab.paddock else "no paddock binary"


def policy_in_workspace(scene):
    scene.write(scene.root / "policy.toml", 'extends = "coding"\n')
    in_workspace("policy.toml", lambda s: s.root / "policy.toml")(scene)


def own_binary(scene, launcher):
    """Paddock started from a copy of itself in the workspace."""
    command = scene.command(launcher, shell("rm -f '{ws}/paddock'; echo x > '{ws}/paddock'"))
    if launcher == "paddock":
        command[0] = scene.vars["inside"]
    return [scene.run("outside", command)]


NEW_EXECUTABLES = ("package.json", "Makefile", "conftest.py", "setup.py", "build.rs", ".cargo/config.toml", ".npmrc",
                   ".husky/pre-commit", ".venv/pyvenv.cfg", "node_modules/.bin/tsc", "CMakePresets.json", ".gitmodules",
                   "AGENTS.md", "CLAUDE.md", ".envrc", ".tool-versions", "mise.toml", ".paddock.toml", ".github/hooks/x")
HOME_FILES = (".bashrc", ".profile", ".gitconfig", ".config/systemd/user/x.service", ".config/autostart/x.desktop",
              ".config/paddock/policy.toml", ".ssh/authorized_keys")

ROWS = (
    # git: hooks and configuration of the workspace's own repository.
    git_row(".git/hooks, a new hook", attack("plant", "{ws}/.git/hooks/pre-commit", "{payload}")),
    git_row(".git/hooks, a hook renamed into place",
            attack("plant-by-rename", "{ws}/.git/hooks/pre-commit", "{payload}", "{ws}")),
    git_row(".git/hooks, a hook linked into place", attack("plant-by-link", "{ws}/.git/hooks/pre-commit", "{payload}", "{ws}")),
    git_row(".git/hooks replaced by a link",
            shell("mkdir h; printf '%s' '#!/bin/sh\ntouch {root}/pwned' > h/pre-commit; chmod +x h/pre-commit; "
                  "{attacker} replace-by-link {ws}/.git/hooks ../h")),
    git_row(".git/config: core.fsmonitor", shell("git config core.fsmonitor '{touch}'")),
    git_row(".git/config by appending", shell("printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> .git/config")),
    git_row(".git/config by renaming over it",
            shell("cp .git/config c; printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> c; mv -f c .git/config")),
    git_row(".git/config: alias, filter, diff driver, pager",
            shell("printf '* filter=x diff=x\\n' > .gitattributes; git config filter.x.clean '{touch}'; "
                  "git config diff.x.textconv '{touch}'; git config diff.external '{touch}'")),
    git_row(".git/config.worktree", shell("printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' > .git/config.worktree"),
            config(("extensions.worktreeConfig", "true"))),
    git_row(".git/commondir", shell(evil_git("{ws}/evil") + "echo ../evil > '{ws}/.git/commondir'")),
    git_row(".git moved aside and made anew", shell("cp -r .git evil; mv .git old; mv evil .git; "
                                                    "printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> .git/config")),
    git_row(".git replaced by a file that points elsewhere", shell(evil_git("{ws}/evil") +
            "mv .git old; rm -rf .git; echo 'gitdir: evil' > .git")),
    git_row(".git replaced by a symlink", shell(evil_git("{ws}/evil") + "mv .git old; rm -rf .git; ln -s evil .git")),
    git_row("include.path target in the workspace", shell("printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> gitextra"),
            include_target),
    git_row("core.hooksPath target in the workspace", attack("plant", "{ws}/.githooks/pre-commit", "{payload}"), hooks_target),
    # Nested repositories, submodules, worktrees.
    git_row("nested repository's hooks", attack("plant", "{ws}/lib/.git/hooks/pre-commit", "{payload}"), nested_repository,
            "{ws}/lib"),
    git_row("nested repository's config", shell("cd lib && git config core.fsmonitor '{touch}'"), nested_repository, "{ws}/lib"),
    git_row("mv proj p2; mkdir -p proj/.git/hooks",
            shell("mv lib p2; mkdir -p lib; cp -r p2/. lib/; printf '#!/bin/sh\\ntouch {root}/pwned\\n' > lib/.git/hooks/pre-commit;"
                  "chmod +x lib/.git/hooks/pre-commit"), nested_repository, "{ws}/lib"),
    git_row("the same, two directories above the repository",
            shell("mv a a2; mkdir -p a; cp -r a2/. a/; printf '#!/bin/sh\\ntouch {root}/pwned\\n' > a/b/lib/.git/hooks/pre-commit;"
                  "chmod +x a/b/lib/.git/hooks/pre-commit"), deep_repository, "{ws}/a/b/lib"),
    git_row("submodule's config in .git/modules",
            shell("printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> .git/modules/sub-module/config"), submodule),
    git_row("submodule's hooks in .git/modules", attack("plant", "{ws}/.git/modules/sub-module/hooks/pre-commit", "{payload}"),
            submodule, "{ws}/sub-module"),
    git_row("submodule's .git file pointed elsewhere",
            shell("cp -r .git/modules/sub-module evil; printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n\\tworktree = ../sub-module\\n'"
                  " >> evil/config; rm -f sub-module/.git; echo 'gitdir: ../evil' > sub-module/.git"), submodule),
    git_row("worktree: hooks of the common directory", attack("plant", "{common}/hooks/pre-commit", "{payload}"), worktree),
    git_row("worktree: config of the common directory", shell("git config core.fsmonitor '{touch}'"), worktree),
    git_row("worktree: commondir pointed elsewhere",
            shell("cp -r '{common}' '{ws}/evil'; printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> evil/config; "
                  "echo '{ws}/evil' > '{gitdir}/commondir'"), worktree),
    git_row("worktree: the .git file pointed elsewhere",
            shell("cp -r '{common}' '{ws}/evil'; rm -rf evil/worktrees; "
                  "printf '[core]\\n\\tfsmonitor = \"{touch}\"\\n' >> evil/config; rm -f .git; echo 'gitdir: evil' > .git"), worktree),
    # Agents and editors: names that exist, that do not exist yet, and links.
    protected(".mcp.json, absent before", ".mcp.json"),
    protected(".mcp.json by rename", ".mcp.json", by="plant-by-rename"),
    protected(".claude/settings.json, absent before", ".claude/settings.json"),
    protected(".claude/settings.json, present before", ".claude/settings.json", existing(".claude/settings.json")),
    protected(".claude/commands, a new file beside others", ".claude/commands/x.md", existing(".claude/settings.json")),
    Attack(".claude moved aside and made anew", "protected", attack("plant-after-move", "{ws}/.claude", "{ws}/aside",
           "{ws}/.claude/settings.json", "x"), existing(".claude/settings.json")),
    Attack(".claude replaced by a link", "protected", attack("replace-by-link", "{ws}/.claude", "elsewhere"),
           existing(".claude/settings.json")),
    protected(".codex/config.toml", ".codex/config.toml"),
    protected(".cursor/mcp.json", ".cursor/mcp.json"),
    protected(".gemini/settings.json", ".gemini/settings.json"),
    protected(".vscode/tasks.json, absent before", ".vscode/tasks.json"),
    protected(".vscode/tasks.json, present before", ".vscode/tasks.json", existing(".vscode/tasks.json")),
    protected(".idea/workspace.xml", ".idea/workspace.xml"),
    protected(".devcontainer/devcontainer.json", ".devcontainer/devcontainer.json"),
    Attack("a protected name that is a link into the workspace", "protected", attack("plant", "{ws}/editor/tasks.json", "x"),
           linked(".vscode", "editor"), refused_by=("bubblewrap",)),
    Attack("a protected name that is a dangling link outside", "wrote", shell("mkdir -p '{out}/made'"), dangling_to_outside,
           refused=True),
    # Home, and Paddock's own files.
    Attack("shell start-up, systemd units, autostart, git and Paddock configuration in $HOME", "wrote",
           shell("".join(f"mkdir -p \"$(dirname '{{home}}/{f}')\"; echo x >> '{{home}}/{f}'; " for f in HOME_FILES))),
    Attack("Paddock's policy file in the workspace", "protected", shell("rm -f policy.toml; echo 'extends = \"coding\"' > policy.toml; "
           "echo x >> policy.toml"), policy_in_workspace, flags=("--policy", "{ws}/policy.toml")),
    Attack("Paddock's binary in the workspace", "protected", (), in_workspace("paddock", lambda s: s.lab.paddock),
           needs=own_binary_needs, execute=own_binary),
    # Allowed, but never without a word.
    *(Attack(f"{path} (reported)", "unreported", attack("plant", "{ws}/" + path, "x"), reported(path)) for path in NEW_EXECUTABLES),
    Attack("a new repository with a hook (reported)", "unreported",
           shell("git init -q evil; printf '#!/bin/sh\\n' > evil/.git/hooks/pre-commit"), reported("evil/.git")),
)
