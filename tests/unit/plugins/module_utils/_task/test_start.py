# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's process starts without doing anything twice."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import zipfile

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import start

FILES = {
    "shipped/first.py": "from .inner.second import value",
    "shipped/inner/__init__.py": "from .third import __file__ as place",
    "shipped/inner/second.py": "value = 2",
    "shipped/inner/third.py": "",
}
COMPILED_BY = """
import json, sys
sys.path.insert(0, sys.argv[1])
from shipped import start
compiled = []
sys.addaudithook(lambda event, told: compiled.append(str(told[1])) if event == "compile" else None)
with start.quick_start():
    from shipped.first import value
    from shipped.inner import place
print(json.dumps({"compiled": compiled, "value": value, "place": place}))
"""


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "shipped.zip"
    with zipfile.ZipFile(path, "w") as shipped:
        shipped.writestr("shipped/__init__.py", "")
        shipped.write(start.__file__, "shipped/start.py")
        for name, text in FILES.items():
            shipped.writestr(name, text)
    return path


def test_each_shipped_file_is_compiled_once(archive):
    finished = subprocess.run([sys.executable, "-c", COMPILED_BY, archive], capture_output=True, check=True)
    told = json.loads(finished.stdout)

    assert sorted(told["compiled"]) == sorted(f"{archive}/{name}" for name in FILES)
    assert told["value"] == 2
    assert told["place"] == f"{archive}/shipped/inner/third.py"


def test_nothing_of_a_quick_start_is_left_after_a_failure():
    finders = list(sys.meta_path)

    with pytest.raises(ImportError), start.quick_start():
        raise ImportError("no such module")

    assert sys.meta_path == finders
    assert gc.isenabled()


def test_what_is_in_no_archive_is_left_to_python(tmp_path, monkeypatch):
    (tmp_path / "lying_about.py").write_text("value = 3")
    monkeypatch.syspath_prepend(tmp_path)

    with start.quick_start():
        import lying_about

    assert lying_about.value == 3
