# make run    builds and sweeps the demo organization (CONFIG=reeve.yaml sweeps a real one)
# make test   builds and runs every test
# Both install what is missing where they may, and say the exact command where they may not.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := run
MAKEFLAGS += --no-print-directory

SWIFT ?= swift
PREFIX ?= /usr/local
PYTHON ?= python3
DEBUG := .build/debug
RELEASE := .build/release
# Fails the build on an import that Package.swift does not declare; trust its exit status, it prints "Build complete!".
BUILD := $(SWIFT) build --explicit-target-dependency-import-check error
# Test binaries crash on purpose here and there: no backtracer that outlives them.
export SWIFT_BACKTRACE := enable=no

APT_PACKAGES := libcurl4-openssl-dev libssl-dev libsqlite3-dev libmicrohttpd-dev libyaml-dev libxml2-dev pkg-config
PKG_CONFIG_NAMES := libcurl libcrypto sqlite3 libmicrohttpd yaml-0.1 libxml-2.0

.PHONY: run test build debug check lint imports conformance bench wrk fuzz golden install models deps toolchain clean ci seeds authors arm64

# ---- what is needed ---------------------------------------------------------------------------------------------

toolchain:
	@if ! command -v $(SWIFT) >/dev/null 2>&1; then \
	  echo "reeve needs a Swift 6.3 toolchain, and \`$(SWIFT)\` is not on PATH."; \
	  echo "Install one:  curl -O https://download.swift.org/swiftly/linux/swiftly-$$(uname -m).tar.gz && tar zxf swiftly-$$(uname -m).tar.gz && ./swiftly init && swiftly install 6.3"; \
	  echo "or unpack one from https://www.swift.org/install/linux/ and run:  make SWIFT=/path/to/usr/bin/swift $(MAKECMDGOALS)"; \
	  exit 1; fi
	@version=$$($(SWIFT) --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1\2/p' | head -1); \
	if [ "$${version:-0}" -lt 63 ]; then \
	  echo "reeve needs Swift 6.3 or later; $$(command -v $(SWIFT)) is $$($(SWIFT) --version 2>/dev/null | head -1)"; \
	  echo "Install it:  swiftly install 6.3 && swiftly use 6.3"; exit 1; fi

deps: toolchain
	@if ! pkg-config --exists $(PKG_CONFIG_NAMES) 2>/dev/null; then \
	  install="apt-get install -y --no-install-recommends $(APT_PACKAGES)"; \
	  if ! command -v apt-get >/dev/null; then \
	    echo "reeve needs the development files of libcurl, libcrypto, SQLite, libmicrohttpd, libyaml and libxml2, and pkg-config."; \
	    echo "On Debian or Ubuntu:  sudo apt-get update && sudo $$install"; exit 1; fi; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo="sudo -n"; else \
	    echo "Some packages are missing, and installing them needs root. Run:"; \
	    echo "  sudo apt-get update && sudo $$install"; exit 1; fi; \
	  echo "installing: $(APT_PACKAGES)"; \
	  $$sudo apt-get update -qq; DEBIAN_FRONTEND=noninteractive $$sudo $$install -qq; fi

# ---- building ---------------------------------------------------------------------------------------------------

# Shipped plugins as they are loaded: a folder each, and the hashes of what this build made.
define assemble_plugins
	@rm -rf $(1)/plugins $(1)/examples; mkdir -p $(1)/plugins $(1)/examples; \
	for manifest in Plugins/*/plugin.json; do \
	  name=$$(basename $$(dirname $$manifest)); \
	  case $$name in *InC) home=$(1)/examples;; *) home=$(1)/plugins;; esac; \
	  mkdir -p $$home/$$name; cp $$manifest $(1)/lib$$name.so $$home/$$name/; done; \
	for home in $(1)/plugins $(1)/examples; do (cd $$home && sha256sum */plugin.json */*.so > shipped.lock); done
endef

# The kit as it is installed, for plugins that a build folder's reeve begins.
define assemble_kit
	@rm -rf $(1) && mkdir -p $(1)/Sources
	@cp -R Sources/CReevePlugin Sources/ReevePluginKit Sources/ReevePluginTesting $(1)/Sources/
	@install -m 644 Plugins/InstalledKit.swift.template $(1)/Package.swift
endef

build: deps
	@$(BUILD) -c release
	$(call assemble_plugins,$(RELEASE))
	$(call assemble_kit,.build/kit/ReevePluginKit)

debug: deps
	@$(BUILD) --build-tests
	$(call assemble_plugins,$(DEBUG))
	$(call assemble_kit,.build/kit/ReevePluginKit)

# ---- the main job -----------------------------------------------------------------------------------------------

ifdef CONFIG
run: build
	@$(RELEASE)/reeve sweep --config "$(CONFIG)"
else
# The demo must end with status 1 and exactly the seeded exposures; anything else is a defect.
run: build
	@mkdir -p .build/demo; rm -f .build/demo/*; \
	status=0; $(RELEASE)/reeve sweep --world Scenarios/demo.yaml --ledger .build/demo/ledger.db --json .build/demo/report.json || status=$$?; \
	if [ $$status -ne 1 ]; then echo "the demo sweep ended with status $$status; expected 1, its seeded findings"; exit 1; fi; \
	$(RELEASE)/reeve findings --ledger .build/demo/ledger.db --format jsonl \
	  | sed -nE 's/.*"check":"([^"]*)".*"resourceId":"([^"]*)".*"account":"([^"]*)".*"region":"([^"]*)".*/\1 \2 \3 \4/p' \
	  | LC_ALL=C sort > .build/demo/found; \
	if ! diff -u --label "seeded in the demo" --label found Scenarios/demo.expected .build/demo/found; then \
	  echo "the demo organization shows other findings than were seeded"; exit 1; fi; \
	echo; echo "That was the demo organization in the embedded simulator: exactly its seeded exposures. JSON report: .build/demo/report.json"
endif

# ---- tests ------------------------------------------------------------------------------------------------------

test: debug
	@$(SWIFT) test --skip-build

check: lint imports test

lint: toolchain
	@$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Plugins Tests

# A warm build lets an undeclared import pass, so this one starts from nothing, in a folder of its own, unless the
# debug build is yet to be made.
imports: deps
	@if [ -d $(DEBUG) ]; then $(BUILD) --build-tests --scratch-path .build-imports; else $(BUILD) --build-tests; fi

# The sandbox's C for the other machine, compiled here; needs libc6-dev-arm64-cross. What its filter decides is tested on
# every machine (FilterTests).
arm64: toolchain
	@for file in Sources/CSandbox/*.c; do \
	  "$$(dirname "$$(command -v $(SWIFT))")/clang" --target=aarch64-linux-gnu -std=gnu11 -Wall -Wextra -Werror \
	    -Wno-unused-parameter -isystem /usr/aarch64-linux-gnu/include -ISources/CSandbox/include -fsyntax-only $$file; done

golden: debug
	@REEVE_RECORD_GOLDEN=1 $(SWIFT) test --skip-build >/dev/null 2>&1 || true; git --no-pager diff --stat -- '*Golden*'

# Every scenario under a thousand schedules, released: it takes a while.
SEEDS ?= 1..1000
seeds: build
	@$(RELEASE)/reeve scenario run Scenarios --seeds $(SEEDS)

# What an author meets: reeve installed, each kind of plugin begun in each language, built, tested, run and validated out
# of this tree. LANGS=c is quick. DEBUG builds of the plugins, as an author makes them.
LANGS ?= c swift
KINDS ?= check discovery tagger remediator
authors: debug
	@rm -rf .build/authors && mkdir -p .build/authors/home .build/authors/work
	@$(MAKE) install-files FROM=$(DEBUG) PREFIX=$(CURDIR)/.build/authors/home >/dev/null
	@for lang in $(LANGS); do for kind in $(KINDS); do \
	  name=author-$$lang-$$kind; home=$$PWD/.build/authors/home; echo "== $$name"; \
	  (cd .build/authors/work && PATH=$$home/bin:$$PATH && reeve plugin new $$name --lang $$lang --kind $$kind >/dev/null && \
	   cd Author* && make >log 2>&1 && make find 2>>log | tail -1 && make validate 2>>log | tail -1 || { cat log; exit 1; }) && \
	  mv .build/authors/work/Author* .build/authors/$$name || exit 1; done; done

.venv-%/ready: Tests/%/requirements.txt
	@if ! $(PYTHON) -m venv .venv-$* 2>/dev/null; then \
	  echo "Python's venv is missing; run:  sudo apt-get install -y python3-venv"; exit 1; fi
	@.venv-$*/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

conformance: debug .venv-Conformance/ready .venv-Custodian/ready
	@.venv-Conformance/bin/python -m pytest -q -p no:cacheprovider Tests/Conformance --reeve $(DEBUG)/reeve

# wrk makes the load.
wrk:
	@if ! command -v wrk >/dev/null; then \
	  if ! command -v apt-get >/dev/null; then echo "make bench needs wrk; install it, for example:  brew install wrk"; exit 1; fi; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo="sudo -n"; else \
	    echo "make bench needs wrk, and installing it needs root. Run:  sudo apt-get install -y wrk"; exit 1; fi; \
	  $$sudo apt-get update -qq; DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y --no-install-recommends -qq wrk; fi

bench: build wrk .venv-Bench/ready
	@.venv-Bench/bin/python Tests/Bench/run.py --reeve $(RELEASE)/reeve

# libFuzzer on what reads bytes from anybody: `make fuzz SECONDS=600`. What it finds stays in .build/fuzz, with the line that
# runs it again; what is mended leaves its input in Tests/Fuzz/Corpus and a test.
SECONDS ?= 60
fuzz: deps
	@mkdir -p .build/fuzz; SWIFTC=$(SWIFT)c Tests/Fuzz/build.sh .build/fuzz > .build/fuzz/build.log 2>&1 \
	  || { grep -v "Cannot export local symbol" .build/fuzz/build.log; exit 1; }
	@for name in QueryParser XMLRoundTrip PolicyEvaluator PluginAnswer; do \
	  corpus=.build/fuzz/corpus-$$name; mkdir -p $$corpus; echo "$$name, $(SECONDS) s"; \
	  .build/fuzz/$${name}Fuzzer -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
	    -verbosity=0 -artifact_prefix=.build/fuzz/$$name- $$corpus Tests/Fuzz/Corpus/$$name; done

# ---- the rest ---------------------------------------------------------------------------------------------------

# The shape tables, from the service models that botocore carries. The tables are committed, the models are not.
models: toolchain
	@$(PYTHON) -m venv .venv-models && .venv-models/bin/pip install --quiet --requirement .models/requirements.txt
	@.venv-models/bin/python .models/generate.py Sources/CAWSModels/tables && git --no-pager diff --stat -- Sources/CAWSModels

# Binary, plugins, header, kit, and the Swift runtime that they need: an installed reeve runs without a toolchain.
install: build
	@$(MAKE) install-files FROM=$(RELEASE)

install-files:
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/reeve/swift $(DESTDIR)$(PREFIX)/share/reeve
	@install -m 755 $(FROM)/reeve $(FROM)/reeve-plugin-host $(DESTDIR)$(PREFIX)/bin/
	@rm -rf $(DESTDIR)$(PREFIX)/lib/reeve/plugins && cp -R $(FROM)/plugins $(DESTDIR)$(PREFIX)/lib/reeve/plugins
	@ldd $(FROM)/reeve $(FROM)/plugins/*/*.so | sed -nE 's/.*=> (.*\/lib(swift|Foundation|_Foundation|dispatch|BlocksRuntime)[^ ]*\.so[^ ]*) .*/\1/p' | LC_ALL=C sort -u \
	  | while read -r library; do install -m 644 "$$library" $(DESTDIR)$(PREFIX)/lib/reeve/swift/; done
	@install -m 644 Sources/CReevePlugin/include/reeve_plugin.h $(DESTDIR)$(PREFIX)/include/
	@rm -rf $(DESTDIR)$(PREFIX)/share/reeve/templates && cp -R Plugins/Templates $(DESTDIR)$(PREFIX)/share/reeve/templates
	@install -m 644 Scenarios/demo.yaml $(DESTDIR)$(PREFIX)/share/reeve/
	$(call assemble_kit,$(DESTDIR)$(PREFIX)/share/reeve/ReevePluginKit)
	@echo "installed: $(DESTDIR)$(PREFIX)/bin/reeve"

clean:
	@rm -rf .build .build-imports .venv-*
