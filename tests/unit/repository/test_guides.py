# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a guide shows can be copied: it is read, and the collection takes it."""

from __future__ import annotations

import importlib.util
import re
from importlib import import_module

import jinja2
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.doc_fragments import constructed, inventory_cache

from ansible_collections.exoscale.cloud.plugins.inventory import ai_deployments as inventory
from ansible_collections.exoscale.cloud.plugins.module_utils._ai.deployment import Desired
from ansible_collections.exoscale.cloud.plugins.module_utils._api.account import account_of
from ansible_collections.exoscale.cloud.plugins.module_utils._task.connection import (
    check_numbers,
    refuse_what_ansible_takes,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._task.options import api_options, received
from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_document
from ansible_collections.exoscale.cloud.tests.unit.repository.guides import (
    GUIDES,
    ROOT,
    data_of,
    examples,
    holds_tasks,
    plays_and_tasks,
    texts,
)

TASKS = examples("yaml+jinja")
INVENTORIES = [each for each in examples("yaml") if "plugin: " in each.text]
OWN = "exoscale.cloud."
LABELS = "ansible_collections.exoscale.cloud.docsite."
GROUP = "group/exoscale.cloud.ai"
#: Keywords whose text is an expression without braces.
EXPRESSIONS = ("when", "failed_when", "changed_when", "until", "that")


def by_place(example):
    return example.place


def declaration_of(module):
    action = import_module(f"ansible_collections.exoscale.cloud.plugins.action.{module}")
    return action.ActionModule.declaration


def is_template(value):
    return isinstance(value, str) and "{{" in value


def refusals(options, given):
    """What is wrong with options of one of the modules, as far as that shows without the values of templates."""
    unknown = sorted(set(given) - set(options))
    if unknown:
        return [f"there is no option {name}" for name in unknown]
    literal = {name: value for name, value in given.items() if not is_template(value)}
    validation = ArgumentSpecValidator({name: options[name] for name in literal}).validate(received(literal, options))
    if validation.error_messages:
        return validation.error_messages
    params = {**dict.fromkeys(options), **validation.validated_parameters}
    check_numbers(params)
    refuse_what_ansible_takes(params, options)
    if "inference_engine_parameters" in options:
        Desired.from_params({"state": "present", "recreate": False, **params, "name": params["name"] or "any"})
    return []


def refusals_of(module, given):
    """The same for one module, with what stands in options that hold options themselves."""
    declaration = declaration_of(module)
    found = refusals(declaration.options, given)
    for name, options in declaration.inner.items():
        inner = given.get(name) or {}
        for entry in inner if isinstance(inner, list) else [inner]:
            found += [] if is_template(entry) else refusals(options, entry)
    return found


def missing(declaration, given):
    needed = [(name,) for name, option in declaration.options.items() if option.get("required")]
    return [group for group in (*needed, *declaration.required_one_of) if not set(group) & set(given)]


def module_in(task):
    (module,) = set(task) - set(Task.fattributes)
    return module


def own_tasks(example):
    items = [item for item in plays_and_tasks(data_of(example)) if not holds_tasks(item)]
    return [(module_in(task).removeprefix(OWN), task) for task in items if module_in(task).startswith(OWN)]


def expressions_in(value, name=""):
    """What stands in braces, and what stands alone where an expression is expected, as templates."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from expressions_in(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from expressions_in(each, name)
    elif isinstance(value, str):
        yield f"{{{{ ({value}) }}}}" if name in EXPRESSIONS else value


def test_there_are_examples():
    assert len(TASKS) > 10
    assert INVENTORIES
    assert examples("toml")


@pytest.mark.parametrize("example", TASKS, ids=by_place)
def test_each_item_has_keywords_that_ansible_knows_and_each_task_one_module(example):
    items = list(plays_and_tasks(data_of(example)))

    assert items
    for item in items:
        if holds_tasks(item):
            assert set(item) - set((Play if "hosts" in item else Block).fattributes) == set()
        else:
            file = module_in(item).replace("ansible.builtin.", "ansible.modules.")
            assert file.startswith(OWN) or importlib.util.find_spec(file)


@pytest.mark.parametrize("example", TASKS, ids=by_place)
def test_each_task_gives_options_that_the_module_takes(example):
    for module, task in own_tasks(example):
        given = task[OWN + module] or {}

        assert refusals_of(module, given) == []
        assert missing(declaration_of(module), given) == []


@pytest.mark.parametrize("example", TASKS, ids=by_place)
def test_module_defaults_are_options_that_the_modules_have(example):
    for item in plays_and_tasks(data_of(example)):
        for name, given in item.get("module_defaults", {}).items():
            is_group = name == GROUP

            assert (refusals(api_options(), given) if is_group else refusals_of(name.removeprefix(OWN), given)) == []


@pytest.mark.parametrize("example", TASKS, ids=by_place)
def test_each_template_can_be_parsed(example):
    found = list(expressions_in(data_of(example)))

    for text in found:
        jinja2.Environment(autoescape=True).parse(text)
    assert found


@pytest.mark.parametrize("example", examples("yaml"), ids=by_place)
def test_other_yaml_can_be_read(example):
    assert any(texts(data_of(example)))


@pytest.mark.parametrize("example", INVENTORIES, ids=by_place)
def test_each_inventory_gives_options_that_the_plugin_takes(example):
    documented = [inventory, constructed.ModuleDocFragment, inventory_cache.ModuleDocFragment]
    options = {name for each in documented for name in yaml.safe_load(each.DOCUMENTATION)["options"]}

    assert set(data_of(example)) - options - set(api_options()) == set()


@pytest.mark.parametrize("example", examples("toml"), ids=by_place)
def test_each_file_of_accounts_names_one_with_credentials(example, tmp_path):
    file = tmp_path / "exoscale.toml"
    file.write_text(example.text)

    account = account_of(None, str(file), {}, lambda _secret: None)

    account.check()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_whatever_a_guide_names_of_the_collection_is_there(guide):
    folders = ["plugins/modules", "plugins/inventory", "plugins/lookup", "plugins/filter", "playbooks"]
    there = {file.stem for folder in folders for file in (ROOT / folder).iterdir()}

    named = set(re.findall(r"\bexoscale\.cloud\.(\w+)", guide.read_text()))

    assert named - there - {"ai", "docsite"} == set()


def test_the_documentation_lists_each_guide():
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text())["sections"]

    assert sorted(page for section in sections for page in section["toctree"]) == [guide.stem for guide in GUIDES]


def test_the_site_leads_to_each_guide_from_its_first_page():
    index = (ROOT / "docs" / "site" / "index.rst").read_text()

    assert sorted(re.findall(r"^   collections/exoscale/cloud/docsite/(\w+)$", index, re.MULTILINE)) == [
        guide.stem for guide in GUIDES
    ]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_each_guide_can_be_linked_to_by_its_name(guide):
    assert f".. _{LABELS}{guide.stem}:\n\n" in guide.read_text()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_each_link_leads_to_a_guide(guide):
    linked = set(re.findall(re.escape(LABELS) + r"(\w+)", guide.read_text()))

    assert linked - {each.stem for each in GUIDES} == set()


def test_the_policy_of_the_guide_allows_each_operation_of_the_ai_part_and_what_tasks_need_besides():
    (policy,) = map(data_of, examples("json"))
    (rule,) = policy["services"]["ai"]["rules"]
    described = vendor_document()["paths"]

    allowed = re.findall(r"'([a-z-]+)'", rule["expression"])

    of_the_ai_part = {
        operation["operationId"]
        for path, methods in described.items()
        if path.startswith("/ai/")
        for operation in methods.values()
    }
    assert set(allowed) - of_the_ai_part == {"get-operation", "list-quotas"}
    assert of_the_ai_part - set(allowed) == set()


def test_the_guide_to_roles_tells_what_each_allowed_operation_is_for():
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_authentication.rst").read_text()
    (policy,) = map(data_of, examples("json"))
    (rule,) = policy["services"]["ai"]["rules"]
    allowed = set(re.findall(r"'([a-z-]+)'", rule["expression"]))

    assert {name for name in allowed if f"``{name}``" not in guide} == set()
