#!/usr/bin/env bash
# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu -o pipefail

# The most talkative output that Ansible has must hold none of the secrets, in success, in failure and in check mode.
folder=$(mktemp -d)
output=$folder/output
api_secret=$(python -c 'import json; print(json.load(open("../../integration_config.yml"))["exoscale_api_secret"])')
test -n "$api_secret"
trap 'rm -rf "$folder"' EXIT

for options in "" "--check"; do
    rm -f "$output.log"
    # Since ansible-core 2.21 a result tells its invocation only on request.
    # shellcheck disable=SC2086
    ANSIBLE_INJECT_INVOCATION=1 ANSIBLE_LOG_PATH="$output.log" ansible-playbook -vvvv --diff $options \
        -e @../../integration_config.yml -e folder="$folder" playbook.yml > "$output" 2>&1 || { tail -50 "$output"; exit 1; }
    cat "$output.log" >> "$output"
    grep -q "inference_engine_parameters" "$output"
    grep -qF -- "--api-key=********" "$output"
    if grep -n -i -e "sentinel" -e "key-of-" -e "value-of-" -e "$api_secret" "$output"; then
        echo "A secret is in the output, run with options: ${options:-none}"
        exit 1
    fi
done

# An inventory neither shows nor keeps them.
printf 'plugin: exoscale.cloud.ai_deployments\ncache: true\n' > "$folder/prod.exoscale_ai.yml"
EXOSCALE_API_KEY=$(python -c 'import json; print(json.load(open("../../integration_config.yml"))["exoscale_api_key"])')
EXOSCALE_API_ENDPOINT=$(python -c 'import json; print(json.load(open("../../integration_config.yml"))["exoscale_api_endpoint"])')
export EXOSCALE_API_KEY EXOSCALE_API_ENDPOINT
EXOSCALE_API_SECRET=$api_secret ANSIBLE_INVENTORY_CACHE_PLUGIN=jsonfile ANSIBLE_INVENTORY_CACHE_CONNECTION="$folder/cache" \
    ansible-inventory -vvvv --list --inventory "$folder/prod.exoscale_ai.yml" > "$output" 2>&1
grep -qF "inference_engine_parameters" "$output"
grep -qF "inference_engine_parameters" "$folder"/cache/*
if grep -n -i -e "sentinel" -e "key-of-" -e "$api_secret" "$output" "$folder"/cache/*; then
    echo "A secret is in the inventory"
    exit 1
fi
