"""Attacks by way of the workspace itself: what it is, what it leads to, and who else uses it."""

import socket
import subprocess

from attacks_common import Attack, attack, both, listener, reported


def grants_policy(*grants):
    def setup(scene):
        listed = ", ".join(f'"{scene.fill(g)}"' for g in grants)
        scene.write(scene.root / "policy.toml", f'extends = "coding"\n[filesystem]\nwrite = [{listed}]\n')
    return setup


POLICY = ("--policy", "{root}/policy.toml")


def link(name, target):
    """A link that the agent made in its last run."""
    def setup(scene):
        path = scene.ws / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(scene.fill(target))
        scene.own(path)
    return setup


def loosening_repository_file(text):
    return lambda scene: scene.write(scene.ws / ".paddock.toml", text)


def swapped(scene, launcher):
    """The workspace is exchanged with a link to $HOME, over and over, while runs start."""
    (scene.root / "link").symlink_to(scene.home)
    swapper = scene.helper(["{attacker}", "swap-for-ever", "{ws}", "{root}/link"])
    swapper.stdout.readline()
    runs = [scene.run(launcher, ("/bin/sh", "-c", "echo x > '{ws}/planted'"), cwd=scene.root) for _ in range(60)]
    swapper.communicate()
    if scene.ws.is_symlink():
        scene.ws.unlink()
        (scene.root / "link").rename(scene.ws)
    return runs


def second_run(scene):
    """While the first run is held, a second one of the same workspace starts and ends."""
    if scene.lab.launcher == "paddock" and scene.lab.paddock:
        scene.run("paddock", ("/bin/true",))


def stricter_second_run(scene, launcher):
    """A run that may write does not widen another one, of the same workspace, that may not."""
    first = scene.popen(scene.command(launcher, attack("later", "create", "{ws}/late", "x")), stdin=subprocess.PIPE)
    first.stdout.readline()
    second = scene.run(launcher, attack("write", "{ws}/README.md", "by the second"), ("--profile", "read-only"))
    out, err = first.communicate()
    scene.watch("wrote", lambda: "the second run wrote" if "by the second" in (scene.ws / "README.md").read_text() else None)
    return [scene.finish(first, out, err, 0), second]


def rewrite_config(scene):
    """The host's own git replaces the protected file by renaming over it."""
    scene.git("config", "user.nickname", "host")


def removed_workspace(scene):
    """The host moves the workspace away and makes another of that name, which the run was never given."""
    moved, fresh = scene.root / "moved", scene.root / "fresh"
    scene.ws.rename(moved)
    scene.ws.mkdir()
    scene.own(scene.ws)

    def put_back():
        if moved.exists():
            scene.ws.rename(fresh)
            moved.rename(scene.ws)
    scene.watches.insert(0, ("wrote", put_back))
    scene.watch("wrote", lambda: "written into the new directory of that name" if (fresh / "late").exists() else None)


REFUSED = (("/", "/"), ("$HOME", "{home}"), ("/etc", "/etc"), ("/proc", "/proc"), ("the parent of $HOME", "{root}"),
           ("a masked directory", "{home}/.ssh"), ("a link to $HOME", "{root}/link"))

ROWS = (
    *(Attack(f"workspace {name}", "wrote", attack("append", "{home}/.bashrc", "x"),
             lambda s: (s.root / "link").symlink_to(s.home), workspace=path, refused=True) for name, path in REFUSED),
    Attack("--rw of the parent of a secret", "wrote", attack("append", "{home}/.bashrc", "x"), flags=("--rw", "{home}"), refused=True),
    Attack("a grant that is a relative link out of the workspace", "wrote", attack("write", "{out}/canary", "x"),
           both(link("build", "../out"), grants_policy(".", "build")), flags=POLICY, refused=True),
    Attack("a grant that is an absolute link out of the workspace", "wrote", attack("append", "{home}/.bashrc", "x"),
           both(link("build", "{home}"), grants_policy(".", "build")), flags=POLICY, refused=True),
    Attack("a grant below a link out of the workspace", "wrote", attack("write", "{out}/dir/other", "x"),
           both(link("build", "../out"), grants_policy(".", "build/dir")), flags=POLICY, refused=True),
    Attack("the workspace swapped for a link while a run starts", "wrote", execute=swapped),
    Attack("a repository file that opens the network", "reached", attack("tcp", "127.0.0.1", "{port}"),
           both(listener(socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1"),
                loosening_repository_file('[network]\nmode = "open"\n')), refused=True),
    Attack("a repository file that grants more", "wrote", attack("write", "{out}/canary", "x"),
           lambda s: loosening_repository_file(f'[filesystem]\nwrite = [".", "{s.out}"]\n')(s), refused=True),
    Attack("a protected name after a second run has ended", "protected",
           attack("later", "plant", "{ws}/.mcp.json", "x"), hold=True, during=second_run),
    Attack("two runs of one workspace under different policies", "wrote", attack("write", "{ws}/README.md", "x"),
           execute=stricter_second_run),
    Attack("a protected file that the host replaced during the run (reported)", "unreported",
           ("{attacker}", "--mark", "{ws}/.ran", "later", "append", "{ws}/.git/config", "[x]\n"),
           reported(".git/config"), hold=True, during=rewrite_config,
           residual="a mount on a file goes when the host renames over the file; seen and reported after the run"),
    Attack("the workspace moved away during the run", "wrote", attack("later", "create", "{ws}/late", "x"), hold=True,
           during=removed_workspace),
)
