# The commands of the house. Each is a small script; this file only names them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help run dev build test bench soak audit setup format clean

help: ## Show this list
	@echo "Longhouse: an open game backend. A room is a deterministic function of its log."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Settings: LISTEN=host:port and DATA=dir (run, dev), CARGO_TARGET_DIR, KILLS=n and ROUNDS=n (soak), TARGET=url (bench)."

run: ## Build pages and server, start it on http://127.0.0.1:7350 with its store in ./data
	@scripts/run.sh

dev: ## The same, rebuilt and restarted when a source changes; pages reload by themselves
	@scripts/dev.sh

build: ## Build pages and release binaries: bin/longhouse, bin/swarm
	@scripts/build.sh

test: ## Everything CI runs; the last line counts what passed and failed
	@scripts/test.sh

bench: ## Measure this machine and write docs/benchmarks.md
	@scripts/bench.sh

soak: ## Kill the server 1,000 times under load, then every test 100 times (hours)
	@scripts/soak.sh

audit: ## Check dependencies against the advisory database (needs the network)
	@scripts/audit.sh

setup: ## Install what the commands above need, and nothing else
	@scripts/setup.sh build test dev

format: ## Format Rust and pages
	@scripts/format.sh

clean: ## Remove what the commands above made here (never ./data)
	@rm -rf bin target web/dist web/node_modules .tools
