#!/usr/bin/env bash
# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu -o pipefail

# The most talkative output that Ansible has must hold none of the secrets, in success, in failure and in check mode.
output=$(mktemp)
api_secret=$(python -c 'import json; print(json.load(open("../../integration_config.yml"))["exoscale_api_secret"])')
test -n "$api_secret"
trap 'rm -f "$output" "$output.log"' EXIT

for options in "" "--check"; do
    rm -f "$output.log"
    # Since ansible-core 2.21 a result tells its invocation only on request.
    # shellcheck disable=SC2086
    ANSIBLE_INJECT_INVOCATION=1 ANSIBLE_LOG_PATH="$output.log" ansible-playbook -vvvv --diff $options \
        -e @../../integration_config.yml playbook.yml > "$output" 2>&1 || { tail -50 "$output"; exit 1; }
    cat "$output.log" >> "$output"
    grep -q "inference_engine_parameters" "$output"
    grep -qF -- "--api-key=********" "$output"
    if grep -n -i -e "sentinel" -e "$api_secret" "$output"; then
        echo "A secret is in the output, run with options: ${options:-none}"
        exit 1
    fi
done
