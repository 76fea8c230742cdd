# Atalaya. `make help` says what there is.
#
# One cargo profile and one set of features for demo and test, so that little is built twice.
# Stamps decide what has to be done again: a second `make demo` starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

CARGO := cargo
FEATURES := --features atalaya/embed-web
BIN := target/debug/atalaya
# Options for `make demo`, such as DEMO="--seed 3 --bind 127.0.0.1:9000".
DEMO ?=

# Node from the PATH when it is new enough, else one of our own (tools/node.sh).
NODE = bin=$$(tools/node.sh); PATH="$${bin:+$$bin:}$$PATH"; cd web

WEB_SOURCES := $(shell find web/src web/public -type f) \
	$(addprefix web/,index.html vite.config.ts tsconfig.json package.json)

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: setup setup-test
setup: ## Install the system packages that are missing
	@tools/setup-system.sh build

setup-test:
	@tools/setup-system.sh build test

.PHONY: web
web: web/dist/index.html ## Build the page

web/node_modules/.stamp: web/package-lock.json
	@echo "web: installing packages by the lock file"
	$(NODE); npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.stamp $(WEB_SOURCES)
	$(NODE); npm run build
	@touch $@

.PHONY: build
build: setup ## Build the program with the page inside
	@$(MAKE) web
	$(CARGO) build --locked -p atalaya $(FEATURES)

.PHONY: demo
demo: ## Show a simulated operation, live in the browser; Ctrl-C stops it
	@$(MAKE) build
	@exec $(BIN) demo $(DEMO)

.PHONY: lint lint-rust lint-web
lint: lint-rust lint-web ## Check format and style of everything

lint-rust: setup web
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets $(FEATURES) -- -D warnings

lint-web: setup web/node_modules/.stamp
	$(NODE); npm run lint

.PHONY: doc
doc: setup web ## Build the documentation of the crates; a warning is an error
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps $(FEATURES)

.PHONY: test test-web test-rust test-browser
test: setup-test ## Run every test: format, style, Rust, documentation, page, browser
	@rm -rf out/test && mkdir -p out/test
	@$(MAKE) web
	@$(MAKE) lint
	@$(MAKE) test-web 2>&1 | tee out/test/web.log
	@$(MAKE) test-rust 2>&1 | tee out/test/rust.log
	@$(MAKE) test-mqtt 2>&1 | tee out/test/mqtt.log
	@$(MAKE) doc
	@# Last and alone: beside a compiler the pictures are late on two cores, and tests of what is in step fail.
	@$(MAKE) test-browser 2>&1 | tee out/test/browser.log
	@tools/total.sh out/test

test-web: web/node_modules/.stamp
	$(NODE); npm test

test-rust: web
	$(CARGO) test --locked --workspace --no-fail-fast $(FEATURES)

# The binary that `cargo test` has built: after test-rust there is nothing left to do.
test-browser: web
	$(CARGO) test --locked --workspace --no-run $(FEATURES)
	$(NODE); cd ..; tools/browser-test.sh $(BIN)

.PHONY: test-data
test-data: setup ## Run the tests that read the evaluation recordings in ../shared/data
	@test -d ../shared/data || { echo "there is no ../shared/data: nothing to test against" >&2; exit 1; }
	@$(MAKE) web
	$(CARGO) test --locked --workspace --no-fail-fast $(FEATURES) -- --ignored

# With a broker of its own on a free port. Of the whole workspace, so that nothing is built again with other features.
.PHONY: test-mqtt
test-mqtt: setup-test ## Run the tests that need Mosquitto, which this installs (Debian)
	$(CARGO) test --locked --workspace $(FEATURES) --test it broker -- --ignored

.PHONY: test-translate
test-translate: setup ## Run the tests that need Apertium, which this installs (Debian)
	@tools/setup-system.sh translate
	$(CARGO) test --locked -p atalaya $(FEATURES) --test it apertium -- --ignored

# Python for measuring only; its packages are pinned.
.venv/.stamp: $(wildcard eval/requirements.txt) bench/requirements.txt
	@echo "measuring: installing pinned Python packages into .venv"
	@rm -rf .venv && python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check $(addprefix -r ,$^)
	@touch $@

.PHONY: eval
eval: build ## Score ten simulated worlds against their truth (about an hour)
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/run.py --baseline-python .venv/bin/python $(EVAL)

# What plays sensors of other makers: code generated from SAPIENT's definitions, an MQTT client.
.venv-sensors/.stamp: eval/requirements-sensors.txt
	@echo "measuring: installing pinned peers of sensors into .venv-sensors"
	@rm -rf .venv-sensors && python3 -m venv .venv-sensors
	@.venv-sensors/bin/pip install --quiet --disable-pip-version-check -r eval/requirements-sensors.txt
	@touch $@

.PHONY: eval-sapient
eval-sapient: build ## Register, detect, be tasked and cut off as sensors generated from SAPIENT's definitions in Python
	@$(MAKE) .venv-sensors/.stamp
	.venv-sensors/bin/python eval/sapient_peer.py $(BIN) ../shared/data/sapient/proto $(EVAL)

.PHONY: eval-mqtt eval-air
eval-mqtt: build setup-test ## Stop and kill the broker while a sensor publishes: what is lost, doubled, said
	@$(MAKE) .venv-sensors/.stamp
	.venv-sensors/bin/python eval/mqtt.py $(BIN) $(EVAL)
	.venv-sensors/bin/python eval/mqtt.py $(BIN) --no-session $(EVAL)

eval-air: build ## Loiters and doubts of real aircraft, and of spoofed ones mixed into them
	python3 eval/air.py $(BIN) ../shared/data/activity $(EVAL)

.PHONY: eval-fly
eval-fly: build ## Load and start aircraft of other makers (pymavlink, MAVSDK) over links that lose
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/fly.py $(BIN) $(FLY)

# LOSS="--only srt --loss 0.1"
.PHONY: bench-watch
bench-watch: ## Measure watch rules: microseconds an event and rule
	cargo run -q -p atalaya-activity --example watch_cost

.PHONY: eval-loss bench-relay
eval-loss: build ## Lose, swap and interrupt the datagrams of SRT and UDP, and count metadata
	python3 eval/loss.py $(BIN) $(LOSS)

bench-relay: build ## Measure streams at real time that a core passes on
	python3 bench/relay.py $(BIN)

.PHONY: bench-kills
bench-kills: build ## Kill a live run a hundred times in the middle of visits: what is lost, doubled, invented (half an hour)
	python3 bench/kill_visits.py $(BIN) $(KILLS)

.PHONY: eval-network bench-network
eval-network: build ## Compare the network's measures and orders of removal with networkx and igraph
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/network_peers.py $(BIN)

bench-network: build ## Measure a network of a million links and a list of 100,000 names
	python3 bench/network.py $(BIN) out/bench/network

.PHONY: bench bench-vision
bench: build ## Measure frame rate, cold start, latency, memory (BENCH_MINUTES=60)
	@$(MAKE) .venv/.stamp
	PYTHON=.venv/bin/python bench/run.sh $(BIN)
	@$(MAKE) bench-vision
	@$(MAKE) bench-klv
	@$(MAKE) bench-relay
	@$(MAKE) bench-watch

# Recordings of your own as further clips: VISION="flight.mp4".
bench-vision: build ## Measure finding what moves beside OpenCV at 360x240, 720p, 1080p
	@$(MAKE) .venv/.stamp
	@rm -rf out/bench/vision && $(BIN) sim compound --seed 5 --duration 12 --density busy --no-thermal --out out/bench/vision
	.venv/bin/python bench/vision.py $(BIN) out/bench/vision/eo.ts $(wildcard ../shared/data/motion/truck4.mp4) $(VISION)

KLV_EXAMPLES := target/debug/examples
KLV_FILE ?= out/bench/klv/made.klv
.PHONY: bench-klv eval-klv fuzz
bench-klv: build ## Measure the KLV codec beside klvdata (KLV_FILE=bare KLV of your own)
	@$(MAKE) .venv/.stamp
	$(CARGO) build --locked -p atalaya-klv --examples
	.venv/bin/python bench/klv.py $(BIN) $(KLV_EXAMPLES) $(KLV_FILE)

eval-klv: build ## Compare values of KLV with other readers' (stanag4609, tstrans, klvdata)
	@$(MAKE) .venv/.stamp
	$(CARGO) build --locked -p atalaya-klv --examples
	@mkdir -p out/eval/klv && $(KLV_EXAMPLES)/make out/eval/klv/made.klv
	@rm -rf out/eval/klv/world && $(BIN) sim compound --seed 5 --duration 20 --density busy --no-thermal --out out/eval/klv/world
	$(BIN) detect out/eval/klv/world/eo.ts --out out/eval/klv/boxes.txt
	$(BIN) mux out/eval/klv/world/eo.ts --vmti out/eval/klv/boxes.txt --out out/eval/klv/targets.ts
	ffmpeg -v error -y -i out/eval/klv/targets.ts -map 0:d:0 -c copy -f data out/eval/klv/targets.klv
	.venv/bin/python eval/klv_peers.py $(BIN) out/eval/klv/made.klv out/eval/klv/targets.klv $(EVAL)

# The trackers bring OpenCV with windows along, which the other measurements must not get.
.venv-mot/.stamp: eval/requirements-mot.txt
	@echo "measuring: installing pinned trackers into .venv-mot"
	@rm -rf .venv-mot && python3 -m venv .venv-mot
	@.venv-mot/bin/pip install --quiet --disable-pip-version-check -r eval/requirements-mot.txt
	@touch $@

.PHONY: eval-mot
eval-mot: build ## Compare tracking of given boxes with four trackers of PyPI, by TrackEval
	@$(MAKE) .venv-mot/.stamp
	.venv-mot/bin/python eval/mot.py $(BIN) ../shared/data/motion/mot15

.PHONY: eval-track
eval-track: build ## Score the joined picture of two aircraft and a relief on 24 simulated worlds (ten minutes)
	@$(MAKE) .venv-mot/.stamp
	$(CARGO) build --locked -p atalaya-track --example pair
	.venv-mot/bin/python eval/tracks.py target/debug/examples/pair $(EVAL)

.PHONY: eval-orbit
eval-orbit: build ## Precision and recall of movers in thirty pictures of a real orbit, labelled by hand
	python3 eval/orbit.py $(BIN) ../shared/data/fmv/kwiver_aphill_240_1fps_crf32.mp4

.PHONY: eval-thermal
eval-thermal: build ## Average precision of persons in real thermal pictures
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/thermal.py $(BIN) ../shared/data/motion/thermal_persons.ts ../shared/data/motion/thermal_persons_boxes.csv

# CHIPS="--model MODEL": one that is there, with the rows it was trained on beside it.
.PHONY: eval-chips bench-chips
eval-chips: build ## Learn what boxes show on simulated worlds; score it on others and on real chips (an hour)
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/chips.py $(BIN) out/eval/chips $(wildcard ../shared/data/motion) $(CHIPS)

bench-chips: setup ## Measure chips a second on one core
	$(CARGO) run --locked -p atalaya-vision --example chips

# The runtime and what writes models for it are large, and nothing else needs them.
.venv-onnx/.stamp: eval/requirements-onnx.txt
	@echo "measuring: installing the pinned ONNX Runtime into .venv-onnx"
	@rm -rf .venv-onnx && python3 -m venv .venv-onnx
	@.venv-onnx/bin/pip install --quiet --disable-pip-version-check -r eval/requirements-onnx.txt
	@touch $@

ORT_LIB = $(firstword $(wildcard .venv-onnx/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*))
.PHONY: test-onnx eval-detectors
test-onnx: setup .venv-onnx/.stamp ## Run the tests that need the ONNX Runtime, which this installs (PyPI)
	ORT_DYLIB_PATH=$$(realpath $(ORT_LIB)) $(CARGO) test --locked -p atalaya $(FEATURES) --test it onnx:: -- --include-ignored

eval-detectors: build ## Compare boxes of ONNX networks with those of a reference in numpy
	@$(MAKE) .venv-onnx/.stamp
	.venv-onnx/bin/python eval/detectors.py $(BIN) out/eval/detectors $$(realpath $(ORT_LIB))

.PHONY: eval-emission eval-emission-pyelq
eval-emission: build ## Score sources of gas: real releases, memory over a long stream, then simulated days and 360 worlds of puffs (half an hour)
	python3 eval/emission.py $(BIN) ../shared/data/gas --out out/eval/emission
	python3 eval/emission_resample.py $(BIN) ../shared/data/gas/pyelq_cases
	python3 eval/emission_memory.py $(BIN) ../shared/data/gas/metec --svg out/eval/emission/memory.svg
	python3 eval/emission_days.py $(BIN)
	python3 eval/emission_puffs.py $(BIN)
	python3 eval/emission_next.py $(BIN)
eval-emission-pyelq: build ## The same cases beside pyELQ, 5,000 iterations, five seeds (hours)
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/emission_pyelq.py $(BIN) ../shared/data/gas/pyelq_cases $(EVAL)

.PHONY: eval-nose
eval-nose: build ## Kinds of gas by an array of sensors that drifts, beside scikit-learn's SVM
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/nose.py $(BIN) ../shared/data/gas/enose

.PHONY: eval-ground
eval-ground: build ## Where pictures lie: against what recordings report, and against simulated truth
	$(CARGO) build --locked -p atalaya-sim --example poses
	python3 eval/ground.py $(BIN) target/debug/examples/poses out/eval/ground

# MEVA="--half A": settings are chosen on half A, half B is looked at when they stand.
.PHONY: eval-meva eval-weeks bench-activity
eval-weeks: build ## Ten times eight weeks at three sites: who came, what was delivered, what was unusual (two minutes)
	python3 eval/weeks.py $(BIN) $(WEEKS)

eval-meva: build ## Stops, turns, getting in and out on annotated segments, beside two rules (a minute)
	@$(MAKE) .venv/.stamp
	.venv/bin/python eval/meva.py $(BIN) ../shared/data/activity $(MEVA)

# pandas' relatives of geography, which the other measurements do not need.
.venv-activity/.stamp: bench/requirements-activity.txt
	@echo "measuring: installing pinned MovingPandas and trackintel into .venv-activity"
	@rm -rf .venv-activity && python3 -m venv .venv-activity
	@.venv-activity/bin/pip install --quiet --disable-pip-version-check -r bench/requirements-activity.txt
	@touch $@

bench-activity: build ## Measure visits beside MovingPandas and trackintel, and memory over a long stream
	@$(MAKE) .venv-activity/.stamp
	$(CARGO) build --locked -p atalaya-activity --example visits
	.venv-activity/bin/python bench/activity.py $(BIN) target/debug/examples/visits ../shared/data/activity out/bench/activity

# FUZZ="50 7": fifty million streams of seed 7.
FUZZ ?= 50
fuzz: ## Run millions of damaged streams through the KLV codec
	$(CARGO) run --locked -p atalaya-klv --example fuzz -- $(FUZZ)

.PHONY: bless
bless: build ## Rewrite the generated parts of docs/ (the operation's schema, tables of metadata)
	ATALAYA_BLESS=1 $(CARGO) test --locked -p atalaya-klv --test it docs
	ATALAYA_BLESS=1 $(CARGO) test --locked -p atalaya $(FEATURES) --test it docs
