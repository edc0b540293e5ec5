# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
NOX := .venv/bin/nox
TESTED := .venv/bin/python .ci/totals.py build/report

.PHONY: demo test test-matrix soak coverage sbom docs bench mutation format release clean

demo:
	@$(PYTHON) -m tests.demo

test: $(NOX)
	@rm -rf build/report
	@$(NOX) --report build/report/sessions.json; $(TESTED)

test-matrix: $(NOX)
	@rm -rf build/report
	@$(NOX) --tags matrix --report build/report/sessions.json; $(TESTED)

bench coverage docs format mutation sbom: $(NOX)
	@$(NOX) --session $@

soak: $(NOX)
	@$(NOX) --session soak -- $(if $(MINUTES),--minutes $(MINUTES))

release: $(NOX)
	@$(NOX) --session release -- $(VERSION) $(if $(DRY_RUN),--dry-run)

clean:
	rm -rf .nox .venv build

$(NOX): .ci/requirements.txt .ci/constraints.txt
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --requirement .ci/requirements.txt
	@touch $@
