"""The two commands, `make setup` and `make course`, without installing or running anything big."""

import os
import shutil
import subprocess
import time

import pytest

if not shutil.which("make"):
    pytest.skip("there is no make", allow_module_level=True)

FAKE_VENV = """\
#!/bin/sh
case "$*" in
  *version_info*) echo {version};;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
  "-m pip"*) echo "$*" >> pip.log; exit ${{PIP_STATUS:-0}};;
  "-m emolib.batch"*) echo "$*";;
esac
"""


@pytest.fixture
def project(tmp_path, checkout):
    """A copy of the Makefile, and a function that calls make with only these Pythons around."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(checkout / name, tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "make", "mkdir", "cp", "rm", "touch", "sleep", "printf", "echo"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)

    def make(*arguments, pythons=(), **environment):
        for name, script in dict(pythons).items():
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        return subprocess.run(
            ["make", *arguments],
            cwd=tmp_path,
            env={"PATH": str(programs), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return tmp_path, make


def test_setup_passes_over_shims_and_old_pythons_and_says_what_it_found(project):
    folder, make = project
    shim = "#!/bin/sh\necho 'python3.12: command not found' >&2\nexit 127\n"
    old = FAKE_VENV.format(version="3.9")
    bare = FAKE_VENV.format(version="3.11").replace("*version", "*ensurepip*) exit 1;;\n  *version")
    done = make("setup", pythons={"python3.12": shim, "python3.11": bare, "python3": old})
    assert done.returncode != 0 and not (folder / ".venv").exists()
    assert "emolib needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "python3 is 3.9" in done.stderr and "python3.12" not in done.stderr.split("\n")[0]
    assert "python3.11 is 3.11 without venv" in done.stderr
    assert "found: no Python" in make("setup", "PYTHON=python3.77").stderr


def test_setup_takes_the_newest_python_that_fits(project):
    folder, make = project
    pythons = {f"python{v}": FAKE_VENV.format(version=v) for v in ("3.11", "3.12", "3.14")}
    done = make("setup", pythons=pythons | {"python3": FAKE_VENV.format(version="3.14")})
    assert done.returncode == 0, done.stderr
    assert "python3.12 (3.12)" in done.stdout
    assert (folder / "pip.log").read_text().rstrip().endswith("-e .[cpu,batch,dev]")


def test_course_installs_once_and_again_when_the_packages_change(project):
    folder, make = project
    python = {"python3.11": FAKE_VENV.format(version="3.11")}
    assert make("course", pythons=python, PIP_STATUS="1").returncode != 0
    for _ in range(2):
        assert make("course").returncode == 0
    assert (folder / "pip.log").read_text().count("\n") == 2  # the failed one, then one
    soon = time.time() + 5
    os.utime(folder / "pyproject.toml", (soon, soon))
    assert make("course").returncode == 0
    assert (folder / "pip.log").read_text().count("\n") == 3
    assert make("setup", "EXTRA=gpu").returncode == 0
    assert (folder / "pip.log").read_text().rstrip().endswith("-e .[gpu,batch,dev]")


def test_course_moves_to_a_gpu_and_stays_there(project):
    folder, make = project
    make("course", pythons={"python3.11": FAKE_VENV.format(version="3.11")})
    for extra in (["EXTRA=gpu"], [], ["EXTRA=cpu"], []):
        assert make("course", *extra).returncode == 0
    log = (folder / "pip.log").read_text().splitlines()
    assert [line.split("[")[-1].split(",")[0] for line in log[::2]] == ["cpu", "gpu", "cpu"]
    assert len(log) == 5 and all("uninstall" in line for line in log[1::2])


def test_clean_leaves_nothing_that_the_notebooks_wrote(project):
    folder, make = project
    for name in ("build", "notebooks/build", "notebooks/solved/build"):
        (folder / name).mkdir(parents=True)
    make("clean")
    assert not list(folder.rglob("build"))


def test_course_hands_its_variables_on(project):
    _, make = project
    done = make(
        "course",
        *("CORPUS=ravdess", "DATA_DIR=/my data", "PROFILE=full", "NOTEBOOKS=00,01"),
        *("WORKERS=2", "SEED=3"),
        pythons={"python3.13": FAKE_VENV.format(version="3.13")},
    )
    assert done.stdout.rstrip().endswith(
        "-m emolib.batch run --corpus ravdess --data-dir /my data --profile full --seed 3 "
        "--notebooks 00,01 --workers 2 --out build"
    )


def test_make_alone_lists_every_target(project, checkout):
    _, make = project
    phony = (checkout / "Makefile").read_text().split(".PHONY:")[1].split("\n")[0].split()
    said = make().stdout
    assert len(phony) > 5 and all(f"make {name}" in said for name in phony if name != "help")


def test_ci_calls_make_test_without_asking_anything(checkout):
    script = checkout / ".ci" / "run"
    assert os.access(script, os.X_OK) and "make test" in script.read_text()
