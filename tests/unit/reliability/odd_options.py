# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that somebody may give for an option, of whatever type, as they arrive from a playbook: JSON.

Halves of characters are not among them: a module does not read them in a process of ansible-core's controller.
"""

from __future__ import annotations

import math

from hypothesis import strategies as st

SECRET = "sentinel-of-a-user"
SECRET_TOKEN = f"--hf-token={SECRET}"

texts = st.one_of(
    st.sampled_from(
        [
            *("", " ", "chat", "present", "absent", "yes", "no", "None", "null", "~", "1", "-1", "0x10", "1e3", "1.0"),
            *("1_000", "٣", "½", "9" * 500, "1" + "0" * 5_000, "nan", "-Infinity", "x" * 10_000, "é\u0301", "\u202ex"),
            *("b'bytes'", "\ufffd", "\0", "a\nb", "\x1b[31m", "{{ 7*7 }}", "{% raw %}", "%s %d {0}"),
            *("['--seed=1']", '{"name": "x"}', "name=x state=absent", "{'a': 1}", "[", "a,b", "--seed=1", "../x", "!x"),
            *(
                "11111111-2222-4333-8444-555555555555",
                "0.19.0",
                "v0.19.0",
                "********",
                "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
            ),
        ]
    ),
    st.text(max_size=8),
)
numbers = st.one_of(
    st.sampled_from([0, 1, -1, 2, 8, 30, 2**31, 2**63, 10**400, -(10**30), 0.0, -0.0, 0.5, 1.0, 1e300, 1e-9]),
    st.sampled_from([math.nan, math.inf, -math.inf]),
    st.integers(),
)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "id", "replicas", "", "a-b"]) | texts, inner, max_size=3)
    ),
    max_leaves=5,
)
#: A secret in the shapes in which somebody may give it, rightly or not.
secrets = st.sampled_from([SECRET, [SECRET], {"value": SECRET}, [[SECRET], None], [SECRET, 5], {"a": [{"b": SECRET}]}])
parameters = st.sampled_from(
    [
        [SECRET_TOKEN],
        SECRET_TOKEN,
        ["--hf-token", SECRET],
        [["--hf-token", SECRET]],
        f"--seed=1,{SECRET_TOKEN}",
        f"['--hf-token', '{SECRET}']",
        {"--hf-token": SECRET},
        [{"hf-token": SECRET}],
        [SECRET_TOKEN, None, 5, {"x": 1}],
    ]
)


def entries(options):
    """What ai_deployments may be given as its entries, or as what they have in common.

    :param options: the names of those that an entry has.
    """
    known = st.dictionaries(st.sampled_from(sorted(options)), values, max_size=3)
    with_secret = st.builds(
        lambda entry, token: {**entry, "name": "chat", "inference_engine_parameters": token}, known, parameters
    )
    misspelt = st.builds(lambda entry: {**entry, "huggingface_tokn": SECRET}, known)
    entry = known | with_secret | misspelt | values
    return st.lists(entry, max_size=3) | entry
