# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the declarations of a zone leave out."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployment_info

from .stage import plays


@plays("leaves <option> out, because the API does not show it")
def a_declaration_that_is_not_complete(stage):
    stage.simulator.hidden_fields = ("gpu-type",)
    stage.deployment()
    return stage.play(deployment_info)


@plays("because it holds a secret or cannot be shown whole")
def a_declaration_with_a_secret_in_its_name(stage):
    stage.deployment(
        name="chat-hf_0123456789abcdefghijklmn",
        inference_engine_parameters=["--hf-token", "hf_0123456789abcdefghijklmn"],
    )
    return stage.play(deployment_info)


@plays("shows a placeholder for a secret, which ai_deployment refuses")
def a_declaration_with_a_secret(stage):
    stage.deployment(inference_engine_parameters=["--api-key=0123456789abcdef"])
    return stage.play(deployment_info)
