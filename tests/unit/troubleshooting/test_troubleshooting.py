# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide explains each message of the collection, and no other; each of them was really seen."""

from __future__ import annotations

from difflib import SequenceMatcher
from importlib import import_module
from pathlib import Path

import pytest

from .code_texts import texts_of_code
from .guide import GUIDE, entries, messages
from .no_messages import NO_MESSAGES
from .stage import SCENARIOS, lines_of

# Each of them adds its scenarios.
for file in sorted(Path(__file__).parent.glob("of_*.py")):
    import_module(f"{__package__}.{file.stem}")

MESSAGES = messages()
CODE_TEXTS = texts_of_code()
#: So many words in a row are enough to find a sentence by them.
FEW_WORDS = 3


def with_words(words):
    return [each for each in MESSAGES if words in each.text]


def shows(message, code_text):
    """Whether a message of the guide shows a few words of a text, or all of a short part of it."""
    for part in filter(None, (part.strip(" .,;:") for part in code_text.parts)):
        for shown in message.parts:
            common = SequenceMatcher(None, part, shown, autojunk=False).find_longest_match()
            words = part[common.a : common.a + common.size]
            if words == part or len(words.split()) >= FEW_WORDS:
                return True
    return False


def explains(message, code_text, lines):
    """Whether a message of the guide is the one in which a text of the code was seen."""
    return any(code_text.is_in(line) and message.is_in(line) for line in lines) and shows(message, code_text)


def test_the_guide_is_read_as_a_whole():
    assert len(entries()) == GUIDE.read_text(encoding="utf-8").count(".. code-block:: text")


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.text)
def test_a_message_of_the_guide_has_a_cause_and_a_cure_and_is_played(message):
    assert message.explanation.startswith(":Cause: ")
    assert "\n:Cure: " in message.explanation
    assert [words for words in SCENARIOS if words in message.text] != []


@pytest.mark.parametrize("words", SCENARIOS)
def test_a_message_of_the_guide_is_what_the_collection_says(words):
    (message,) = with_words(words)

    lines = lines_of(SCENARIOS[words])

    assert [line for line in lines if message.is_in(line)] != [], (message.text, lines)


def test_each_text_of_the_code_is_in_a_message_of_the_guide():
    played = [(each, lines_of(scenario)) for words, scenario in SCENARIOS.items() for each in with_words(words)]

    unexplained = [
        str(text)
        for text in CODE_TEXTS
        if text.written not in NO_MESSAGES and not any(explains(message, text, lines) for message, lines in played)
    ]

    assert unexplained == []


@pytest.mark.parametrize("written", NO_MESSAGES)
def test_what_is_called_no_message_is_a_text_of_the_code(written):
    assert written in [each.written for each in CODE_TEXTS]
