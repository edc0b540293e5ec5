# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's own parser has the last word on whether two command lines are the same."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._engine import check as checks
from ansible_collections.exoscale.cloud.plugins.module_utils._engine import finding as findings
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.comparison import same_meaning
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import parse_help
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.engine_model import (
    CHOICES,
    ERROR,
    MIDDLE,
    NEW,
    OLD,
    REPORTED,
    Engine,
    Flag,
)

# Names that begin alike, oppose each other, or look like a negation.
RELATED_NAMES = (
    *("alpha", "alpha-beta", "alpha-be", "enable-alpha", "disable-alpha", "no-alpha", "beta", "no-beta-x", "beta-x"),
    *("gamma", "optimization-level", "delta", "delta-api-key"),
)
UNRELATED_NAMES = ("alpha", "be-ta", "gam-ma-x", "delta", "eps-ilon", "zeta", "theta-1", "kappa")
ALIASES = ("-a", "-tp", "-q", "-cc", "--alf", "--x-y", "--bet-a")
JSONS = (
    '{"b": 1}',
    '{"b":1}',
    '{"b": 1.0}',
    '{"b": {"c": 1}}',
    '{"b": true}',
    '{"d": "x", "b": 1}',
    '{"b": 1, "b": 2}',
)
JSONS += ("[1, 2]", "[2, 1]", '{"b": NaN}', '{"b": 1, "d": "x"}', "1e2", "100.0", "3", "nonsense", '"x"')
KEYS = (".b", ".b", ".b.c", ".d", ".b_x", ".b-x", ".b+", ".")
DOTTED_VALUES = ("1", "1.0", "x", "8k", "8K", "true", "True", '{"c": 1}', "007", "-1", "-0.5", "NaN", "a=b", " 1", "")
VALUES = {
    "switch": ((), (), (), (), ("x",)),
    "toggle": ((), (), (), (), ("x",)),
    "int": ("1", "2", "8192", "-1", "8k", "08", "x", "1_0", ""),
    "human": ("8k", "8K", "8000", "8192", "1", "2", "-1", "1.5K"),
    "float": ("0.9", "0.90", "1", "-0.5", ".5", "x"),
    "str": ("x", "y", "None", "", "x y", "-x", "-1", "--alpha", "--alpha b", "a.b", "a=b", "3", "-O3", "-"),
    "choice": (*CHOICES, "other"),
    "json": JSONS,
    "words": ("x", ("x", "y"), ("y", "x"), "-1", ("x", "--alpha b"), "[1, 2]"),
    "ints": ("1", ("1", "2"), ("2", "1"), "x", ("1", "-1")),
    "append": ("x", "y", "x y", ("x", "y")),
    "optional": ("x", (), "1"),
}
JUNK = (
    *(["-O3"], ["-O", "3"], ["-O", '{"b": 1}'], ["-O.b", "1"], ["-O={}"], ["stray"], ["--"], ["-"], [""], ["-1"]),
    *(["--alpha x"], ["--ghost=x y"], ["--ghost", "x"], ["-tp2"], ["-qx"], ["--no-alpha"], ["--no-beta"], ["-0.5"]),
    *(["--al"], ["--alpha-b", "1"], ["--gam", "1"], ["--gam.b", "1"], ["--beta_x"], ["--al_f", "1"], ["--ghost.b=1"]),
)


@dataclass(frozen=True)
class Item:
    """An option: what it says, apart from how it is written."""

    base: str
    values: tuple = ()
    keys: str = ""
    raw: tuple = ()

    def render(self, random):
        if self.raw:
            return list(self.raw)
        base = self.base
        if base.startswith("--") and random.random() < 0.3:
            base = "--" + base[2:].replace("-", "_")
        if len(self.values) == 1 and random.random() < 0.5:
            return [f"{base}{self.keys}={self.values[0]}"]
        return [base + self.keys, *self.values]


def render(items, random):
    return [token for item in items for token in item.render(random)]


def make_table(random):
    table, taken = [], set()
    for name in random.sample(RELATED_NAMES, random.randint(1, 5)):
        kind = random.choice((*sorted(REPORTED), "json", "json", "json", "toggle", "switch"))
        aliases = tuple(random.sample(ALIASES, random.choice((0, 0, 1, 2))))
        if kind == "json" and random.random() < 0.3:
            aliases += ("-O",)
        flag = Flag(name, kind, aliases)
        spellings = flag.spellings()
        if taken.isdisjoint(spellings):
            taken.update(spellings)
            hidden = random.random() < 0.3
            listed = tuple(s for s in spellings if random.random() < 0.7) if hidden else None
            reported = random.choice((*REPORTED[kind] * 4, "", "unheard-of"))
            table.append(replace(flag, reported=reported, listed=listed or None))
    return table


def make_item(table, random):
    if random.random() < 0.1:
        return Item("", raw=tuple(random.choice(JUNK)))
    flag = random.choice(table)
    base = random.choice(flag.spellings())
    if random.random() < (0.5 if flag.kind == "json" else 0.03):
        return Item(base, (random.choice(DOTTED_VALUES),), random.choice(KEYS))
    values = random.choice(VALUES[flag.kind])
    return Item(base, (values,) if isinstance(values, str) else values)


def rewrite(items, table, random):
    """Another command line that often means the same, and often nearly so."""
    items = list(items)
    for _step in range(random.randint(0, 3)):
        position = random.randrange(len(items)) if items else 0
        step = random.choice(("shuffle", "swap", "spelling", "json", "drop", "value", "repeat", "add"))
        if step == "shuffle":
            random.shuffle(items)
        elif step == "add":
            items.insert(position, make_item(table, random))
        elif not items:
            continue
        elif step == "swap":
            other = random.randrange(len(items))
            items[position], items[other] = items[other], items[position]
        elif step == "drop":
            del items[position]
        elif step == "repeat":
            items.insert(random.randrange(len(items) + 1), items[position])
        elif not items[position].raw:
            items[position] = rewrite_item(items[position], step, table, random)
    return items


def rewrite_item(item, step, table, random):
    flag = next(flag for flag in table if item.base in flag.spellings())
    if step == "spelling":
        return replace(item, base=random.choice(flag.spellings()))
    if step == "value" and item.keys:
        return replace(
            item, keys=random.choice((item.keys, *KEYS)), values=(random.choice((*item.values, *DOTTED_VALUES)),)
        )
    if step == "value":
        values = random.choice(VALUES[flag.kind])
        return replace(item, values=(values,) if isinstance(values, str) else values, keys="")
    if item.keys and item.values:
        nested = item.values[0]
        with contextlib.suppress(ValueError):
            nested = json.loads(nested)
        for key in reversed(item.keys[1:].split(".")):
            nested = {key: nested}
        return replace(
            item, values=(json.dumps(nested, separators=random.choice(((",", ":"), (", ", ": ")))),), keys=""
        )
    try:
        value = json.loads(item.values[0])
        (key, inner), *more = value.items()
    except (ValueError, AttributeError, IndexError):
        return item
    return item if more else replace(item, keys="." + key, values=(json.dumps(inner),))


@st.composite
def command_lines(draw):
    random = draw(st.randoms(use_true_random=True))
    table = make_table(random)
    items = [make_item(table, random) for _item in range(random.randint(0, 5))]
    entries = [flag.help_entry() for flag in table if random.random() < 0.95]
    current = render(items, random)
    desired = render(rewrite(items, table, random), random)
    return table, parse_help(entries), random.choice((OLD, MIDDLE, NEW)), current, desired


def engines(table, era):
    return [Engine(table, era, model) for model in (("some/model",), ())]


@settings(max_examples=4000, deadline=None)
@given(command_lines())
def test_what_is_called_equal_is_parsed_to_the_same(case):
    table, known, era, current, desired = case
    assume(current != desired)

    for knowledge in (known, None):
        if same_meaning(current, desired, knowledge):
            for engine in engines(table, era):
                assert engine.parse(current) == engine.parse(desired)


FOUND_BY_CHANCE = (
    ([Flag("s", "str")], ["--s.b+", " 1"], ["--s.b+=1"]),
    ([Flag("s", "json")], ["--s.b+", " 1"], ["--s.b+=1"]),
    ([Flag("s", "str")], ['--s.b={"x":1,"y":2}'], ['--s.b={"y":2,"x":1}']),
    (
        [Flag("l", "words"), Flag("s", "str"), Flag("j", "json", ("-O",))],
        ["--s=x", "--l", "a", "-O3", "b"],
        ["--l", "a", "--s=x", "-O3", "b"],
    ),
)


def test_what_chance_has_found_stays_different():
    for table, current, desired in FOUND_BY_CHANCE:
        assert Engine(table, OLD).parse(current) != Engine(table, OLD).parse(desired)
        assert not same_meaning(current, desired, parse_help([flag.help_entry() for flag in table]))


@settings(max_examples=1000, deadline=None)
@given(command_lines())
def test_the_comparison_is_symmetric_and_holds_for_a_list_and_itself(case):
    _table, known, _old, current, desired = case

    assert same_meaning(current, list(current), known)
    assert same_meaning(current, desired, known) == same_meaning(desired, current, known)


@settings(max_examples=2000, deadline=None)
@given(st.randoms(use_true_random=True))
def test_pairs_made_equal_are_recognised(random):
    names = random.sample(UNRELATED_NAMES, random.randint(1, 6))
    kinds = sorted(REPORTED.keys() - {"optional"})
    table = []
    for name in names:
        kind = random.choice(kinds)
        # Two long spellings of a switch may be opposites, and only one is certainly itself.
        long = () if kind in ("switch", "toggle") else ("--other-" + name,)
        table.append(Flag(name, kind, ("-" + name[0] * 2, *long)))
    items, others = [], []
    for flag in table:
        item = next(filter(None, (acceptable(flag, random) for _item in range(500))))
        items.append(item)
        alike = [s for s in flag.spellings() if s.startswith("--no-") == item.base.startswith("--no-")]
        other = replace(item, base=random.choice(alike))
        if flag.kind == "json":
            other = rewrite_item(other, "json", table, random)
        others.append(other)
    random.shuffle(others)
    current, desired = render_alike(items, random), render_alike(others, random)

    assert Engine(table).parse(current) == Engine(table).parse(desired) != ERROR
    assert same_meaning(current, desired, parse_help([flag.help_entry() for flag in table]))


def render_alike(items, random):
    tokens = []
    for item in items:
        base = "--" + item.base[2:].replace("-", "_") if item.base[:2] == "--" and random.random() < 0.5 else item.base
        one = len(item.values) == 1
        two_are_possible = one and not item.values[0].startswith("-")
        if one and (not two_are_possible or random.random() < 0.5):
            tokens.append(f"{base}{item.keys}={item.values[0]}")
        else:
            tokens += [base + item.keys, *item.values]
    return tokens


def acceptable(flag, random):
    values = random.choice(VALUES[flag.kind])
    values = (values,) if isinstance(values, str) else values
    item = Item(random.choice(flag.spellings()), values)
    if len(values) == 1 and flag.kind not in ("words", "ints", "append"):
        engine_takes_it = Engine([flag]).parse([f"{item.base}={values[0]}"]) != ERROR
    else:
        engine_takes_it = Engine([flag]).parse([item.base, *values]) != ERROR
    # What one JSON parser takes and another one refuses is rightly left alone, as is a list that looks like a scalar.
    unusual = any("NaN" in value or value.count('"b"') > 1 or value.startswith("-") for value in values)
    return item if engine_takes_it and not unusual and not (flag.kind == "ints" and len(values) > 1) else None


@settings(max_examples=2000, deadline=None)
@given(command_lines())
@example(([Flag("alpha", "human")], None, NEW, ["--alpha=8k"], []))
@example(([Flag("api-key", "words", ("-q",))], None, NEW, ["--api-key", "x", "y", "-qx"], []))
@example(([Flag("alpha", "toggle")], None, NEW, ["--no_alpha"], []))
@example(([Flag("alpha", "json", ("-q",))], None, NEW, ["-q.b", "1"], []))
@example(([Flag("alpha", "json"), Flag("beta", "words")], None, NEW, ["--beta", "--alpha.b", "1", "x"], []))
@example(([Flag("alpha", "str"), Flag("alpha-beta", "toggle")], None, NEW, ["--no-alpha"], []))
@example(([Flag("alpha-beta", "switch", reported="odd"), Flag("alpha-be", "toggle")], None, NEW, ["--no-alpha"], []))
def test_what_the_engine_takes_is_not_called_wrong(case):
    table, _known, era, current, _desired = case
    # The help cannot tell that a value may be left out.
    table = [replace(flag, listed=None, reported=None) for flag in table if flag.kind != "optional"]
    known = parse_help([flag.help_entry() for flag in table])
    # What begins as a flag and holds a blank may be a value in the engine's eyes, but hardly in the user's.
    assume(not any(token.startswith("-") and " " in token for token in current))
    # The engine takes a negative fraction for a dotted key, and is content if there is a place for what comes of it.
    assume("-0.5" not in current)
    assume(table and Engine(table, era).parse(current) != ERROR)
    wrong = {finding.kind for finding in checks.check(current, known, "0.19.0") if finding.severity == findings.ERROR}

    # A value behind a dotted key can fall to the flag before it, which is hardly meant: then the value is called stray,
    # and that flag one without a value.
    assert wrong <= ({findings.STRAY, findings.MISSING_VALUE} if findings.STRAY in wrong else set())
