# Everything a newcomer needs: `make run` and `make test`. What each target does is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests build run devnet test test-rust test-e2e test-network zombienet lint fuzz bench weights chain-specs

help: ## List the targets.
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

setup: ## Install what a build needs and is missing (system packages, Rust, the WASM target).
	@scripts/setup.sh

setup-tests:
	@scripts/setup.sh --tests

build: setup ## Build the node, the runtime, all tests and benchmarks; the node is then target/doin-node.
	@scripts/build.sh

run: build ## Set up, build, and run a development network of one node; more options in ARGS="...".
	@exec target/doin-node --dev $(ARGS)

devnet: setup-tests ## Set up, build, and run a local network of NODES=4 nodes in this terminal; Ctrl-C stops it.
	@scripts/build.sh
	@exec node devnet/devnet.mjs --nodes $(or $(NODES),4) $(ARGS)

test: setup-tests ## Set up, build, and run all the tests.
	@scripts/build.sh
	@scripts/test.sh

test-rust: setup ## Set up, build, and run the Rust tests only.
	@scripts/build.sh
	@scripts/test.sh rust

test-e2e: setup-tests ## Set up, build, and run the end-to-end tests only.
	@scripts/build.sh
	@scripts/test.sh e2e

test-network: setup-tests ## Set up, build, and run the short tests of several nodes only (a part of `make test`).
	@scripts/build.sh
	@scripts/test.sh network

zombienet: setup-tests ## Set up, build, and run all network scenarios (half an hour); SCENARIOS="blocks upgrade" runs some.
	@scripts/build.sh
	@scripts/zombienet.sh $(ARGS) $(SCENARIOS)

lint: setup ## Check formatting and run clippy.
	@scripts/lint.sh

fuzz: setup ## Search for input that breaks a decoder; ARGS="--seconds 600 forecast" for longer, or one of them.
	@scripts/fuzz.sh $(ARGS)

bench: build ## Run the benchmarks of speed; docs/performance.md explains the figures.
	@scripts/bench.sh

weights: setup ## Measure the weights of all calls and hooks anew and write them into the pallets (long; a build of its own).
	@scripts/weights.sh

chain-specs: setup ## Write chain-specs/testnet.json anew: a testnet that begins with this checkout's runtime.
	@scripts/chain-specs.sh
