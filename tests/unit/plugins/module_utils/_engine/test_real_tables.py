# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command lines of real engines are compared and checked as those engines read them."""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.comparison import same_meaning
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import parse_help
from ansible_collections.exoscale.cloud.tests.engine_tables import VERSIONS, help_table
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.engine_model import ERROR
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.real_engine import real_engine

PAIRS = int(os.environ.get("EXOSCALE_TEST_PAIRS", "1000"))
VALUES = {
    "int": ["1", "2", "8", "16", "4096", "-1"],
    "size": ["1", "8k", "8K", "8000", "8192"],
    "size or auto": ["1", "8k", "8K", "auto", "-1"],
    "float": ["0.9", "0.90", "1", "1.0", ".5", "0.5", "5e-1", "-0.5", "-1"],
    "text": ["x", "y", "x-y", "x_y", "/models/x", "https://example.com/v1", "None", "", "a.b", "a=b", "0.9", "x y"],
    "json": [
        '{"a": 1}',
        '{"a":1}',
        '{"a": 1.0}',
        '{"a": {"b": 1, "c": "x"}}',
        '{"a": 1, "b": [1, 2]}',
        '{"a": [2, 1]}',
    ],
}
VALUES["object"] = [*VALUES["json"], '{"a": 8k}']
VALUES["object or text"] = [*VALUES["json"], "cuda", "cpu"]
#: Values that look much alike; the engine tells which of them are.
NEAR = {
    "0.9": ["0.90", "0.9000001", ".9", "9e-1"],
    "1": ["1.0", "01", "1_0", "+1", " 1"],
    "8k": ["8K", "8000", "8192", "8.0k"],
    "x": ["X", "x ", "None", ""],
    "x-y": ["x_y"],
    '{"a": 1}': ['{"a":1}', '{"a": 1.0}', '{"a": true}', '{"a": 1, "a": 1}', ' {"a": 1}', '[{"a": 1}]'],
}


@lru_cache
def known(version):
    return parse_help(help_table(version))


def draw_item(flag, random):
    if flag.reads in ("switch", "toggle"):
        return flag, random.choice(flag.spellings()), ()
    values = flag.entry.get("choices") or VALUES[flag.reads]
    if flag.takes_several:
        return flag, random.choice(flag.spellings()), tuple(random.choices(values, k=random.choice((1, 1, 2, 3))))
    return flag, random.choice(flag.spellings()), (random.choice(values),)


def written(item, random, *, dotted=False):
    """The tokens of an item in one of the ways in which it can be written."""
    flag, spelling, values = item
    if spelling.startswith("--") and random.random() < 0.3:
        spelling = "--" + spelling[2:].replace("-", "_")
    if not values:
        return [spelling]
    if flag.reads in ("json", "object", "object or text") and values[0].startswith("{"):
        with_spaces = random.random() < 0.5
        document = read_json(values[0])
        if document is not None and dotted and random.random() < 0.5:
            return [token for path, value in leaves(document) for token in (f"{spelling}.{'.'.join(path)}", value)]
        if document is not None:
            values = (json.dumps(document, separators=(", ", ": ") if with_spaces else (",", ":")),)
    must_join = values[0].startswith("-")
    if len(values) == 1 and (must_join or random.random() < 0.5):
        return [f"{spelling}={values[0]}"]
    return [spelling, *values]


def read_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def leaves(document, path=()):
    for key, value in document.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value if isinstance(value, str) else json.dumps(value)


@st.composite
def rewritten(draw):
    """A real command line, and the same in another order, style, spelling, spacing and form."""
    random = draw(st.randoms(use_true_random=True))
    version = random.choice(VERSIONS)
    flags = random.sample(real_engine(version).table, random.randint(1, 8))
    # The order of --enable-x and --disable-x counts, as the table may have made two entries of one switch.
    subjects = [re.sub("--(enable|disable)-", "", flag.spellings()[0]) for flag in flags]
    assume(len(set(subjects)) == len(subjects))
    items = [draw_item(flag, random) for flag in flags]
    others = []
    for flag, spelling, values in items:
        is_negative = spelling.startswith("--no-")
        alike = [each for each in flag.spellings() if each.startswith("--no-") == is_negative]
        others.append((flag, random.choice(alike), values))
    random.shuffle(others)
    current = [token for item in items for token in written(item, random)]
    return version, current, [token for item in others for token in written(item, random, dotted=True)]


@st.composite
def changed_a_little(draw):
    """A real command line, and another one that differs from it in little or nothing."""
    random = draw(st.randoms(use_true_random=True))
    version = random.choice(VERSIONS)
    table = random.sample(real_engine(version).table, random.randint(1, 4))
    items = [draw_item(flag, random) for flag in table]
    others = list(items)
    for _step in range(random.randint(1, 3)):
        place = random.randrange(len(others))
        flag, spelling, values = others[place]
        step = random.choice(("value", "near", "spelling", "repeat", "repeat", "drop", "swap"))
        if step == "value":
            others[place] = draw_item(flag, random)
        elif step == "near" and values:
            others[place] = flag, spelling, (random.choice(NEAR.get(values[0], VALUES["text"])), *values[1:])
        elif step == "spelling":
            others[place] = flag, random.choice(flag.spellings()), values
        elif step == "repeat":
            others.insert(random.randrange(len(others) + 1), draw_item(flag, random))
        elif step == "drop" and len(others) > 1:
            del others[place]
        else:
            other = random.randrange(len(others))
            others[place], others[other] = others[other], others[place]
    return version, *(
        [token for item in each for token in written(item, random, dotted=True)] for each in (items, others)
    )


@settings(max_examples=PAIRS, deadline=None)
@given(rewritten())
def test_what_is_only_written_otherwise_is_recognised(pair):
    version, current, desired = pair
    engine = real_engine(version)
    assume(engine.parse(current) == engine.parse(desired) != ERROR)

    assert same_meaning(current, desired, known(version))


@settings(max_examples=PAIRS, deadline=None)
@given(changed_a_little())
def test_what_the_engine_reads_otherwise_is_never_called_the_same(pair):
    version, current, desired = pair
    engine = real_engine(version)

    for table in (known(version), None):
        if same_meaning(current, desired, table):
            assert engine.parse(current) == engine.parse(desired)
