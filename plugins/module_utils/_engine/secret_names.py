# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names are those of secrets."""

from __future__ import annotations

import re

#: Stands for a secret in whatever is shown. A parameter that holds it is refused as input.
PLACEHOLDER = "********"

_WORDS = (
    r"api-?keys?(?:-[a-z0-9]+)?|token|pwd|(?:api|auth|access|hf|bearer)-tokens|passwords?|passwd|passphrases?|secrets?|credentials?|"
    r"authorization|bearer"
)
_KEYS = r"(?:access|private|secret|secret-access|account|client|encryption|auth)-?keys?"
_SECRET_NAME = rf"(?s)(?:.*[-./:])?(?:{_WORDS}|{_KEYS})(?:\..*)?"
#: Without one of these, a name does not match it; most names are told so without any pattern, which takes time.
_NEEDED = ("key", "token", "pwd", "pass", "secret", "credential", "authoriz", "bearer")
#: Names that look like one and hold numbers or words of the vocabulary.
_COUNTED = "num|max|min|pad|bos|eos|unk|sep|cls|mask|stop|start|end|prompt|image"
_HARMLESS = rf"ai-api-keys?|(?:.*[-.])?(?:{_COUNTED})(?:-[a-z]+)*-token"
_HUMP = r"(?<=[a-z0-9])(?=[A-Z])"
_SECRET_FLAGS = ("api-key", "hf-token")
_SHORTEST_ABBREVIATION = 4
#: Of a longer name, so much of its beginning and its end counts.
_LONGEST = 100
#: Dashes that word processors make of a hyphen, for a set of characters.
ODD_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
#: Dashes of any sort at the beginning.
DASHES = f"^[-{ODD_DASHES}]+"


def is_secret_name(name: str) -> bool:
    """Whether the value of a flag or key such as ``--api-key``, ``--hf_tok``, ``HF_TOKEN`` or ``apiKey`` is secret."""
    if len(name) > _LONGEST:
        name = name[:_LONGEST] + name[-_LONGEST:]
    stem = name if name[:1].isalnum() else re.sub(DASHES, "", name)
    if stem != stem.lower():
        stem = re.sub(_HUMP, "-", stem)
    stem = stem.replace("_", "-").lower()
    if any(word in stem for word in _NEEDED):
        if re.fullmatch(_HARMLESS, stem):
            return False
        if re.fullmatch(_SECRET_NAME, stem):
            return True
    # The engine accepts abbreviations, and people mistype.
    if len(stem) >= _SHORTEST_ABBREVIATION and any(flag.startswith(stem) for flag in _SECRET_FLAGS):
        return True
    return any(_variants(stem) & _variants(flag) for flag in _SECRET_FLAGS if abs(len(stem) - len(flag)) <= 1)


def _variants(word: str) -> set[str]:
    """The word, and the word without any one of its letters: words one slip apart share one of them."""
    return {word, *(word[:place] + word[place:][1:] for place in range(len(word)))}
