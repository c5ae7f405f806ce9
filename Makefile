# The single front door: `make help` says what it does.
# Everything is built in one profile (release) and one folder, so that tests, browser runs and the deployed binary share
# their work. Nothing here needs more of the network than the package registries of Rust, npm, PyPI and Debian.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
export CARGO_TARGET_DIR := $(TARGET)
export LANTERNA_SITE := $(TARGET)/site
export CARGO_TERM_COLOR ?= auto
LANTERNA := $(TARGET)/release/lanterna
WASM := $(TARGET)/wasm32-unknown-unknown/wasm-release
# What runs in browsers alone, and everything else.
BROWSER := -p frontend -p calculator -p paper
NATIVE := --workspace --exclude frontend --exclude calculator --exclude paper

.PHONY: help
help: ## Say what can be asked for
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build and serve the demo city: portal on http://127.0.0.1:3000, sandbox hub on http://127.0.0.1:3100
	$(LANTERNA) serve --demo

.PHONY: test
test: test-rust test-documents test-api test-browser ## Run every test: Rust on both engines, documents, the interface of programs, the browser

.PHONY: test-rust
test-rust: site ## Rules, archive, messages, use cases and server, on both engines
	.ci/need xmllint postgresql curl python
	server/storage/tests/with-postgres cargo test --release $(NATIVE)

# Names of what was drawn before must not be left: everything in the folder is checked.
.PHONY: test-documents
test-documents: .tools/toolchain ## Draw receipts and notices in every variant, and validate and scan them with other programs
	end2end/documents/install
	rm -rf $(TARGET)/gallery
	cargo run --release -p documents --example gallery -- $(TARGET)/gallery
	.tools/documents/bin/python end2end/documents/prove.py $(TARGET)/gallery

# Three minutes at most; the requests are the same at each run.
.PHONY: test-api
test-api: build ## Try the interface of programs with requests made out of its own description
	end2end/api/install
	.tools/api/bin/python end2end/api/prove.py $(LANTERNA)

.PHONY: test-browser
test-browser: build quotes papers end2end/node_modules/.stamp ## The portal in a real browser
	.ci/need chromium clock
	server/storage/tests/with-postgres npm --prefix end2end test

.PHONY: check
check: setup ## Check formatting and lints, and that what is not built here still compiles
	.ci/need c++
	cargo fmt --all -- --check
	cargo fmt --manifest-path end2end/fuzz/Cargo.toml -- --check
	cargo clippy --release --all-targets $(NATIVE) -- --deny warnings
	cargo clippy --profile wasm-release --target wasm32-unknown-unknown $(BROWSER) -- --deny warnings
	cargo clippy --profile wasm-release --target wasm32-unknown-unknown -p quotes --lib -- --deny warnings
	cargo check --release --manifest-path end2end/fuzz/Cargo.toml

.PHONY: build
build: site ## Build the release binary, pages inside: target/release/lanterna
	cargo build --release -p server

.PHONY: bench
bench: build quotes end2end/node_modules/.stamp ## Measure pages and load; numbers go to server/docs/benchmarks.md
	.ci/need chromium postgresql
	cargo build --release -p load
	npm --prefix end2end run bench
	server/storage/tests/with-postgres $(TARGET)/release/load bench
	server/storage/tests/with-postgres $(TARGET)/release/load import --counter
	cargo run --release -p tariff --example measure server/demo/tariffs server/docs/benchmarks.md
	cargo run --release -p documents --example measure -- server/docs/benchmarks.md

.PHONY: certificates
certificates: build ## Make certificates to try mutual TLS with, in var/certificates
	$(LANTERNA) demo certificates --out var/certificates

.PHONY: watch
watch: site ## Serve the demo city and start again at each change of the sources
	.ci/watch $(MAKE) run

.PHONY: fmt
fmt: setup ## Format the sources
	cargo fmt --all
	cargo fmt --manifest-path end2end/fuzz/Cargo.toml

.PHONY: docs
docs: setup ## Write the generated documents again, and the documentation of the code
	UPDATE_DOCS=1 cargo test --release -p domain -p server
	cargo doc --release --no-deps $(NATIVE)

.PHONY: fonts
fonts: setup ## Make the packs of fonts for documents again from the font files beside them
	cargo run --release -p fonts

.PHONY: deny
deny: setup ## Check licences and advisories of dependencies (installs cargo-deny, needs its advisory list)
	test -x .tools/bin/cargo-deny || cargo install --locked --root .tools cargo-deny --version 0.19.6
	.tools/bin/cargo-deny --config .cargo/deny.toml check

FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= answers citizen_code debt_file envelope flow_reports questions receipts tariff_answers tariff_file
.PHONY: fuzz
fuzz: setup ## Try the readers of what comes from outside with any bytes, FUZZ_SECONDS (600) each (installs cargo-fuzz)
	.ci/need c++
	test -x .tools/bin/cargo-fuzz || cargo install --locked --root .tools cargo-fuzz --version 0.13.2
	for target in $(FUZZ_TARGETS); do end2end/fuzz/run $$target $(FUZZ_SECONDS); done

.PHONY: setup
setup: .tools/toolchain style/node_modules/.stamp ## Install what the build needs, in folders git ignores

.PHONY: clean-tools
clean-tools: ## Remove everything `setup` and the tests installed
	rm -rf .tools style/node_modules end2end/node_modules

# The portal's files: Wasm and styles, bundled. Each step knows by itself when there is nothing to do.
.PHONY: site
site: setup
	cargo build --release -p bundle
	cargo build --profile wasm-release --target wasm32-unknown-unknown $(BROWSER)
	node style/build.mjs --out $(TARGET)/style
	$(TARGET)/release/bundle --wasm $(WASM)/frontend.wasm --wasm $(WASM)/calculator.wasm --wasm $(WASM)/paper.wasm --style $(TARGET)/style --out $(LANTERNA_SITE)

# Random receipts and notices drawn natively, for the test that draws them in the browser too.
.PHONY: papers
papers: setup
	cargo build --release -p papers

# The evaluator of tariffs by itself, natively and for browsers, for the tests and measures that compare the two; not part
# of what is served. Together with the server, whose dependencies it then shares.
.PHONY: quotes
quotes: site
	cargo build --release -p server -p quotes
	cargo build --profile wasm-release --target wasm32-unknown-unknown -p quotes --lib
	mkdir -p $(TARGET)/nothing
	$(TARGET)/release/bundle --wasm $(WASM)/quotes.wasm --style $(TARGET)/nothing --public $(TARGET)/nothing --out $(TARGET)/quotes

.tools/toolchain: rust-toolchain.toml
	.ci/need rustup cc node
	rustup toolchain install
	mkdir -p .tools && touch $@

%/node_modules/.stamp: %/package.json %/package-lock.json
	.ci/need node
	npm ci --prefix $* --no-fund --no-audit
	touch $@
