# Damaged files of every kind that nnrun reads, by `make fuzz` (tests/fuzz/kinds.lua).
seconds ?= 60
seed    ?= $(shell date +%s)

.PHONY: fuzz
fuzz: build ## read damaged files of every kind (seconds=60 each, only="csv idx", seed=1)
	@failed=; for kind in $(or $(only),$(shell ./$(PROGRAM) tests/fuzz/run.lua)); do \
	  NNRUN=./$(PROGRAM) ./$(PROGRAM) tests/fuzz/run.lua -- $$kind $(seconds) $(seed) $(BUILD)/fuzz/$$kind || failed="$$failed $$kind"; \
	done; [ -z "$$failed" ] || { echo "faults with seed $(seed):$$failed; what was read last is in $(BUILD)/fuzz"; exit 1; }
