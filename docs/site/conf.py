# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the documentation site of what antsibull-docs has written."""

from __future__ import annotations

import re

from docutils import nodes

project = "exoscale.cloud"
author = "exoscale.cloud contributors"
project_copyright = author
html_title = "Exoscale Dedicated Inference with Ansible"
html_short_title = "exoscale.cloud"

extensions = ["sphinx_antsibull_ext"]
exclude_patterns = [
    # There is one collection, and nothing in it is deprecated.
    "collections/index.rst",
    "collections/exoscale/index.rst",
    "collections/deprecations.rst",
]
default_role = "any"
highlight_language = "YAML+Jinja"
nitpicky = True
pygments_style = "ansible"

html_theme = "sphinx_rtd_theme"
html_theme_options = {"navigation_depth": 2, "titles_only": True}
html_copy_source = False
html_css_files = ["site.css"]
html_show_sphinx = False
html_static_path = ["static"]
html_use_index = False

ANSIBLE = "https://docs.ansible.com/ansible/latest"
ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "list_of_collections": "collections/index.html",
}


def link_to_ansible(_app, _env, node, text):
    """A link to the documentation of ansible-core, which can be made without asking it."""
    target = node["reftarget"]
    page = ANSIBLE_PAGES.get(target)
    if node["reftype"] == "envvar" and target.startswith("ANSIBLE_"):
        page = f"reference_appendices/config.html#envvar-{target}"
    elif builtin := re.fullmatch(r"ansible_collections\.ansible\.builtin\.(\w+)", target):
        page = f"collections/ansible/builtin/{builtin[1]}.html"
    return page and nodes.reference("", "", text, internal=False, refuri=f"{ANSIBLE}/{page}")


def setup(app):
    app.connect("missing-reference", link_to_ansible)
