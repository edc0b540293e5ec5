# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
NOX := .venv/bin/nox
TESTED := .venv/bin/python .ci/totals.py build/report
# Two at once, as most sessions keep one core busy only.
LANES := units rest

.PHONY: demo test test-matrix $(LANES:%=lane-%) soak coverage sbom docs bench mutation format release clean

demo:
	@$(PYTHON) -m tests.demo

test: $(NOX)
	@rm -rf build/report
	@mkdir -p build/report
	@$(MAKE) --no-print-directory --jobs --keep-going $(LANES:%=lane-%); cat build/report/rest.log; $(TESTED) $(LANES)

lane-units:
	@LANE=units $(NOX) --report build/report/units.json

lane-rest:
	@echo "What else there is to test runs beside the unit tests, and is shown after them"
	@LANE=rest $(NOX) --report build/report/rest.json > build/report/rest.log 2>&1

test-matrix: $(NOX)
	@rm -rf build/report
	@$(NOX) --tags matrix --report build/report/matrix.json; $(TESTED) matrix

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
