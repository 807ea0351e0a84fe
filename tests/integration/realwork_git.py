"""git."""

import shutil

from realwork_common import Refusal, Work

PROTECTED = ".git/config is protected: what stands in it, the host's own git would execute"


def submodule(scene):
    """Registered, not cloned yet: the state after a clone of the whole."""
    cloned_submodule(scene)
    scene.git("submodule", "deinit", "-q", "-f", "--all")
    shutil.rmtree(scene.ws / ".git/modules")
    scene.git("submodule", "init", "-q")


def cloned_submodule(scene):
    bare_origin(scene)
    scene.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "{root}/main/origin.git", "sub-module")
    scene.git("commit", "-q", "-m", "submodule")


def bare_origin(scene):
    scene.git("clone", "-q", "--bare", "{ws}", "{root}/main/origin.git")


def remote(scene):
    scene.git("clone", "-q", "--bare", "{ws}", "{ws}/origin.git")
    scene.git("remote", "add", "origin", "{ws}/origin.git")
    scene.git("fetch", "-q")


def hook_before(scene):
    scene.write(scene.ws / ".git/hooks/pre-commit", "#!/bin/sh\necho the hook ran\n", 0o755)


def empty_workspace(scene):
    scene.ws.rename(scene.out / "project")
    scene.ws.mkdir()
    scene.own(scene.ws)


C = "echo change >> README.md; git commit -q -a -m change; "
HOOK = "printf '#!/bin/sh\\necho the hook ran\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; "
FILE = "git -c protocol.file.allow=always "

WORKS = (
    Work("git init, add, commit in a new directory", ("git",), "git init -q new && cd new && echo x > f && git add f && git commit -q -m x && git log --oneline", "x"),
    Work("git commit, amend, diff, log, status, blame", ("git",), C + "git commit -q --amend -m other; git status --short; git blame README.md; git log --oneline | wc -l", "2"),
    Work("git stash and pop", ("git",), "echo s >> README.md; git stash -q; git diff --exit-code; git stash pop -q; git diff --stat", "README.md"),
    Work("git branch, merge", ("git",), "git checkout -q -b topic; " + C + "git checkout -q -; git merge -q --no-edit topic; git log --oneline | wc -l", "2"),
    Work("git merge with a conflict", ("git",), "git checkout -q -b topic; " + C + "git checkout -q -; echo other >> README.md; git commit -q -a -m other; "
         "! git merge -q topic > /dev/null; echo solved > README.md; git add README.md; git commit -q -m merged; git log --merges --format=%s", "merged"),
    Work("git rebase", ("git",), "git checkout -q -b topic; " + C + "git checkout -q -; echo b > b; git add b; git commit -q -m b; "
         "git checkout -q topic; git rebase -q -; git log --oneline | wc -l", "3"),
    Work("git cherry-pick, revert, tag, reset, clean", ("git",), "git checkout -q -b topic; " + C + "git checkout -q -; git cherry-pick topic > /dev/null; "
         "git revert --no-edit HEAD > /dev/null; git tag v1; touch junk; git clean -q -f; git reset -q --hard HEAD~1; git describe --all v1; test ! -e junk", "v1"),
    Work("git format-patch, am, apply", ("git",), C + "git format-patch -q -1; git reset -q --hard HEAD~1; git am -q 0001-*.patch; git log --format=%s -1", "change"),
    Work("git archive and bundle", ("git",), "git archive HEAD | tar t; git bundle create -q b HEAD; git bundle verify -q b; git clone -q b c 2> /dev/null; ls c", "README.md"),
    Work("git worktree add and commit", ("git",), "git worktree add -q -b side wt; cd wt; echo w > w; git add w; git commit -q -m w; "
         "cd ..; git log side --oneline | wc -l; git worktree list | wc -l; git worktree remove wt", "2"),
    Work("git gc, repack, fsck", ("git",), C + "git gc -q; git repack -q -a -d; git fsck; ls .git/objects/pack", "pack-"),
    Work("git clone of the workspace", ("git",), "git clone -q . copy; git -C copy config user.name Other; git -C copy log --oneline | wc -l", "1"),
    Work("git clone into an empty workspace", ("git",), "git clone -q $PWD/../out/project . ; git log --oneline | wc -l", "1", empty_workspace),
    Work("git fetch, pull and push to a local remote", ("git",), C + "git push -q origin HEAD; git fetch -q; git pull -q origin main; git status -sb", "##", remote),
    Work("git switch to a branch of the remote", ("git",), "git checkout -b topic origin/main; " + C + "git push -u origin topic; git ls-remote origin topic", "refs/heads/topic", remote),
    Work("git branch -d of a merged branch", ("git",), "git branch topic; git branch -d topic; git branch", "Deleted branch topic"),
    Work("git submodule add", ("git",), FILE + "submodule add $PWD/../main/origin.git sub-module; git commit -q -m submodule; cat sub-module/README.md", "A project", bare_origin),
    Work("git submodule update", ("git",), FILE + "submodule update -q; cat sub-module/README.md", "A project", submodule),
    Work("git submodule update, of one that is checked out", ("git",), FILE + "submodule update --remote; cat sub-module/README.md", "A project", cloned_submodule,
         refusals=(Refusal("could not set 'core.worktree'", "git rewrites the submodule's own configuration, which is protected"),)),
    Work("git config of the repository", ("git",), "git config core.pager less; git config core.pager", "less",
         refusals=(Refusal("Device or resource busy", PROTECTED),)),
    Work("git remote add", ("git",), "git remote add other $PWD/../main/origin.git; git fetch -q other; git branch -r", "other/main", bare_origin,
         refusals=(Refusal("Device or resource busy", PROTECTED),)),
    Work("git branch -m", ("git",), "git branch old; git branch -m old new; git branch", "new",
         refusals=(Refusal("Branch is renamed, but update of config-file failed", PROTECTED + "; the branch itself is renamed"),)),
    Work("git sparse-checkout", ("git",), "git sparse-checkout set --cone src; ls", "src",
         refusals=(Refusal("Device or resource busy", PROTECTED),)),
    Work("git bisect", ("git",), C + C + "git bisect start HEAD HEAD~2 > /dev/null; git bisect run false > /dev/null; git bisect reset > /dev/null 2>&1; echo bisected", "bisected"),
    Work("git hooks that were there before", ("git",), "git commit -q --allow-empty -m x 2>&1", "the hook ran", hook_before),
    Work("git hooks of a repository made in /tmp", ("git",), "cd $(mktemp -d); git init -q .; mkdir -p .git/hooks; " + HOOK + "git commit -q --allow-empty -m x 2>&1; rm -rf $PWD", "the hook ran"),
    Work("git hooks of a repository made in the workspace", ("git",), "git init -q new; cd new; mkdir -p .git/hooks; " + HOOK + "git commit -q --allow-empty -m x 2>&1", "the hook ran"),
    Work("git commit, signed by ssh", ("git", "ssh-keygen"), "ssh-keygen -q -t ed25519 -N '' -f key; echo \"t@example.org $(cat key.pub)\" > signers; "
         "s='-c gpg.format=ssh -c user.signingkey=key.pub -c gpg.ssh.allowedSignersFile=signers'; git $s commit -q -S --allow-empty -m x; git $s verify-commit HEAD 2>&1", "Good"),
)
