#!/usr/bin/env bash
# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Plays the playbooks of the collection as their users do, by name and in a folder of their own.
set -eu -o pipefail

target=$PWD
fact() { python -c 'import json, sys; print(json.load(open("../../integration_config.yml"))[sys.argv[1]])' "$1"; }
EXOSCALE_API_KEY=$(fact exoscale_api_key)
EXOSCALE_API_SECRET=$(fact exoscale_api_secret)
EXOSCALE_API_ENDPOINT=$(fact exoscale_api_endpoint)
SIMULATOR_URL=$(fact simulator_url)
export EXOSCALE_API_KEY EXOSCALE_API_SECRET EXOSCALE_API_ENDPOINT SIMULATOR_URL
# The inventory of ansible-test knows only its own hosts.
unset ANSIBLE_INVENTORY
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

control() { python "$target/control.py" "$@"; }
play() { ansible-playbook "exoscale.cloud.$1" "${@:2}" > output 2>&1 || { cat output; return 1; }; }
fails() { if ansible-playbook "exoscale.cloud.$1" "${@:2}" > output 2>&1; then cat output; return 1; fi; }
expect() {
    if [ "$2" != "$3" ]; then
        printf '%s: expected\n%s\nand there is\n%s\n' "$1" "$2" "$3"
        exit 1
    fi
}
# Some releases of ansible-core fold what they print.
says() { tr -s '[:space:]' ' ' < output | grep -q -F -- "$1" || { echo "The output lacks: $1"; cat output; exit 1; }; }

echo "From nothing to a served model"
control POST /reset
control PATCH /settings '{"operation_seconds": 0.5, "settle_seconds": 0.5, "serving_seconds": 1}'
play serve_model --check
expect "a dry run" "" "$(control writes)"
play serve_model
says "chat answers at http://127.0.0.1:"
expect "serve_model" 'POST /ai/model {"name": "openai/gpt-oss-20b"}
POST /ai/deployment {"gpu-count": 1, "gpu-type": "gpua5000", "inference-engine-version": "0.19.0", "model": {"name": "openai/gpt-oss-20b"}, "name": "chat", "replicas": 1}' \
    "$(control writes)"
play serve_model
says "changed=0"
expect "serve_model again" "" "$(control writes)"

echo "Nightly scaling"
printf 'scheduled_deployments:\n  - {name: chat, replicas: 1}\n' > nightly.yml
fails nightly_scaling -e @nightly.yml
says "Say -e asleep=true or -e asleep=false"
play nightly_scaling -e asleep=true -e @nightly.yml
play nightly_scaling -e asleep=true -e @nightly.yml
play nightly_scaling -e asleep=false -e @nightly.yml
expect "nightly_scaling" 'POST /ai/deployment {"replicas": 0}
POST /ai/deployment {"replicas": 1}' "$(control writes)"

echo "Adopting what is there, and drift"
control POST /reset
control POST /deployments '{"name": "chat", "inference_engine_parameters": ["--chat-template={{ 7*7 }}", "--seed", "1"]}'
control POST /deployments '{"name": "{{ 7*7 }}", "replicas": 0}'
control POST /deployments '{"name": "[1,2]"}'
control POST /deployments '{"name": "twin"}'
twin=$(control POST /deployments '{"name": "twin", "inference_engine_version": "0.18.0"}')
control POST /deployments '{"name": "shared", "visibility": "public"}'
play adopt
expect "the number of declarations" 5 "$(grep -c -F "model: openai/gpt-oss-120b" exoscale_ai_deployments.yml)"
play apply_declarations
says "changed=0"
play drift_report --check
says "All that exoscale_ai_deployments.yml declares are as they are declared"
expect "what was adopted" "" "$(control writes)"
id=$(python -c 'import json, sys; print(json.loads(sys.argv[1])["id"])' "$twin")
control PATCH "/deployments/$id" '{"inference_engine_version": "0.19.0"}'
fails drift_report --check
says "These differ from exoscale_ai_deployments.yml: twin: update: inference_engine_version"
fails drift_report
expect "a report" "" "$(control writes)"
printf 'exoscale_ai_deployments:\n  - name: chat\n    state: absent\n' > absent.yml
fails drift_report -e declarations_file=absent.yml --check
says "These differ from absent.yml: chat: delete: "
play apply_declarations
expect "apply_declarations" 'PATCH /ai/deployment {"inference-engine-version": "0.18.0"}' "$(control writes)"
control POST /deployments '{"name": "secretive", "inference_engine_parameters": ["--api-key=swordfish"]}'
fails adopt
says "is there already; with -e overwrite=true it is written again"
play adopt -e overwrite=true
says "it is the value of --api-key"
fails apply_declarations
says "holds a placeholder that stands for a secret"
fails drift_report
says "These cannot be compared, or cannot be changed: secretive: Item 1 of inference_engine_parameters holds a placeholder"
expect "a placeholder" "" "$(control writes)"
sed 's/--api-key=\*\*\*\*\*\*\*\*/--api-key={{ vault_key }}/' exoscale_ai_deployments.yml > vaulted.yml
play apply_declarations -e declarations_file=vaulted.yml -e vault_key=swordfish -vvv
says "changed=0"
if grep -q swordfish output; then echo "A secret is shown"; exit 1; fi
printf 'exoscale_ai_deployments:\n  - {name: chat, gpu_count: 5}\n  - {name: secretive, replicas: 2}\n' > other.yml
fails drift_report -e declarations_file=other.yml -v
says "cannot be changed: chat: The deployment chat"
says "These differ from other.yml: secretive: scale: replicas. These"
printf 'exoscale_ai_deployments:\n  - {name: chat, replica: 5}\n' > misspelt.yml
fails apply_declarations -e declarations_file=misspelt.yml
says "it has replica"
fails apply_declarations -e declarations_file=nowhere.yml
says "There is no file $folder/nowhere.yml"
expect "a placeholder" "" "$(control writes)"

echo "A rolling upgrade"
control POST /reset
for name in a b c; do
    control POST /deployments "{\"name\": \"$name\", \"inference_engine_version\": \"0.18.0\"}"
done
control PATCH /settings '{"operation_seconds": 0.5, "serving_seconds": 0.5}'
printf 'plugin: exoscale.cloud.ai_deployments\n' > prod.exoscale_ai.yml
play rolling_upgrade --inventory prod.exoscale_ai.yml -e engine_version=0.19.0
says "changed=1"
expect "rolling_upgrade" 'PATCH /ai/deployment {"inference-engine-version": "0.19.0"}
PATCH /ai/deployment {"inference-engine-version": "0.19.0"}
PATCH /ai/deployment {"inference-engine-version": "0.19.0"}' "$(control writes)"
python - <<'EOF'
import re
batches = re.findall(r"PLAY \[Upgrade the engines\]", open("output").read())
assert len(batches) == 3, batches
EOF
fails rolling_upgrade --inventory localhost, -e engine_version=0.19.0
says "No deployment is in the inventory"
fails rolling_upgrade --inventory prod.exoscale_ai.yml
says "is missing"
# The first one that does not serve is taken back, and no other one is touched.
control PATCH /settings '{"versions_that_do_not_serve": ["0.20.2"]}'
fails rolling_upgrade --inventory prod.exoscale_ai.yml -e engine_version=0.20.2 -e seconds_to_serve=4
says "It was rolled back to inference_engine_version"
expect "a stopped upgrade" 'PATCH /ai/deployment {"inference-engine-version": "0.20.2"}
PATCH /ai/deployment {"inference-engine-version": "0.19.0"}' "$(control writes)"

echo "Rotating a key"
control POST /reset
control POST /deployments '{"name": "chat"}'
fails rotate_api_key
says "There is no key team-1"
ansible localhost -m exoscale.cloud.ai_api_key -a "name=team-1 scope=chat" > output
control DELETE /journal
play rotate_api_key --check
expect "a dry run" "" "$(control writes)"
play rotate_api_key
scope=$(python -c 'import json, os, urllib.request as u; print([e["body"]["scope"] for e in json.load(u.urlopen(os.environ["SIMULATOR_URL"] + "/journal")) if e["method"] == "POST"][0])')
expect "rotate_api_key" "POST /ai/api-key {\"name\": \"team-2\", \"scope\": \"$scope\"}
DELETE /ai/api-key null" "$(control writes)"
test "$scope" != public
first=$(cat team.key)
play rotate_api_key
expect "rotate_api_key again" "" "$(control writes)"
test "$first" = "$(cat team.key)"
fails rotate_api_key -e old_key=team-2 -e new_key=team-2
says "new_key and old_key are both team-2"
ansible localhost -m exoscale.cloud.ai_api_key -a "name=team-3 scope=chat" > output
control DELETE /journal
fails rotate_api_key -e old_key=team-2 -e new_key=team-3
says "The key team-3 was there before"
expect "a key whose value nobody may have" "" "$(control writes)"
fails rotate_api_key -e old_key=team-2 -e new_key=team-4 -e key_file=/nowhere/team.key
says "the key was deleted again and the old one stays"
expect "a value that is lost" "POST /ai/api-key {\"name\": \"team-4\", \"scope\": \"$scope\"}
DELETE /ai/api-key null" "$(control writes)"
