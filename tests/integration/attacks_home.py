"""Attacks by way of a kept home (filesystem.home = "kept"): on the host, on the layer itself, on who has it next."""

import os
import shutil

from attacks_common import Attack, attack, both, payload, shell, xattrs
from attacks_declared import METADATA

KEPT = ("--policy", "{root}/kept.toml")
LAYERS = ".local/state/paddock/homes"


def kept(scene):
    scene.write(scene.root / "kept.toml", 'extends = "coding"\n[filesystem]\nhome = "kept"\n')


def layer(scene):
    """A run before has made the layer."""
    kept(scene)
    scene.run("paddock", ("/bin/sh", "-c", "mkdir -p ~/.cache/x ~/old"), KEPT)


def layers(scene):
    root = scene.home / LAYERS
    return [root / name for name in sorted(os.listdir(root))] if root.exists() else []


def no_forged_attribute(scene):
    """What an overlay would obey the next time. In the home itself it is the control's doing."""
    def forged():
        for root in [scene.home, *layers(scene)]:
            for directory, names, files in os.walk(root):
                if root == scene.home and LAYERS in directory:
                    continue
                for path in (os.path.join(directory, name) for name in names + files):
                    found = [a for a in xattrs(path) if a.startswith("user.overlay.") and not a.startswith("user.overlay.overlay.")]
                    if set(found) & {"user.overlay.redirect", "user.overlay.metacopy", "user.overlay.whiteout"}:
                        return f"{found} on {os.path.relpath(path, scene.home)}"
        return None
    scene.watch("forged", forged)


def no_file_in_the_layer(scene):
    """`bare` is no part of an overlay: what comes to lie there was written to the layer itself."""
    scene.watch("layer", lambda: "a file was written into the layer itself"
                if any((one / "bare/planted").exists() for one in layers(scene)) else None)


def in_layer(command):
    """The script finds the layer by itself, since its name is not known before."""
    return shell(f'for one in "$HOME"/{LAYERS}/*; do {command}; done')


def mask_after(*lines):
    """Runs without the policy's masks would be another policy; these only do what any run may do to its home."""
    def execute(scene, launcher):
        flags = KEPT if launcher == "paddock" else ()
        return [scene.run(launcher, shell(line), flags) for line in lines]
    return execute


def next_workspace(scene, launcher):
    """A run plants a start-up file; a run in another workspace starts a shell that reads it."""
    flags = KEPT if launcher == "paddock" else ()
    other = scene.root / "other"
    other.mkdir(exist_ok=True)
    scene.own(other)
    plant = shell("""echo 'echo "$FOUND"' >> ~/.bashrc; echo '{secret}' > ~/found""")
    return [scene.run(launcher, plant, flags),
            scene.run(launcher, ("/bin/sh", "-c", "cat ~/found; tail -n 1 ~/.bashrc"), flags, workspace=other)]


def same_inode(scene, launcher):
    """The workspace is removed, and another one gets its number; by the record alone, since no test can choose a number."""
    flags = KEPT if launcher == "paddock" else ()
    runs = [scene.run(launcher, shell("echo '{secret}' > ~/found"), flags)]
    for one in layers(scene):
        (one / "workspace").write_text("paddock-home 1 1.0\n/a/workspace/that/was\n")
    return runs + [scene.run(launcher, ("/bin/sh", "-c", "cat ~/found"), flags)]


def host_shell(scene):
    """After the run the host starts a shell that reads its start-up files."""
    kept(scene)
    payload(scene)
    scene.after = lambda: scene.popen(["bash", "-i", "-c", "true"]).communicate()


def no_bash(scene):
    return None if shutil.which("bash") else "bash"


ROWS = (
    Attack("write into $HOME, kept", "wrote", attack("append", "{home}/.bashrc", "x"), kept, flags=KEPT),
    Attack("chmod of a file in $HOME, kept", "wrote", attack("chmod", "{home}/.bashrc", "777"), kept, flags=KEPT, unless=(METADATA,)),
    Attack("~/.bashrc in the layer, for the host's next shell", "executed", shell("echo '{touch}' >> ~/.bashrc"), host_shell,
           flags=KEPT, needs=no_bash),
    Attack("read the layer in the state directory", "leaked", in_layer('cat "$one"/upper/found'),
           lambda s: (layer(s), [s.write(one / "upper/found", s.secret) for one in layers(s)]) and None, flags=KEPT),
    Attack("write into the layer in the state directory", "layer", in_layer('echo x > "$one/bare/planted"'),
           both(layer, no_file_in_the_layer), flags=KEPT),
    Attack("overlay redirect forged in the layer", "forged", attack("set-xattr", "{home}/.config", "user.overlay.redirect", "/.ssh"),
           both(layer, no_forged_attribute), flags=KEPT, unless=(METADATA,)),
    Attack("overlay metacopy forged in the layer", "forged", attack("set-xattr", "{home}/.bashrc", "user.overlay.metacopy", "x"),
           both(layer, no_forged_attribute), flags=KEPT, unless=(METADATA,)),
    Attack("read ~/.ssh by another name in the layer", "leaked", (), kept, execute=mask_after(
        "mv ~/.ssh ~/moved; cp -r ~/.ssh ~/copied; ln ~/.ssh/id_rsa ~/linked; ln -s .ssh/id_rsa ~/link",
        "cat ~/moved/id_rsa ~/copied/id_rsa ~/linked ~/link")),
    Attack("a secret kept by one workspace, for another", "leaked", (), kept, execute=next_workspace),
    Attack("a secret kept by a workspace that is gone, for its successor", "leaked", (), kept, execute=same_inode),
)
