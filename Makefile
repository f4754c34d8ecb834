# Two commands: `make run` shows Blindcopy at work, `make test` proves it.

# One set of tags everywhere: another set compiles SQLite anew, for a minute.
TAGS       := sqlite_fts5,sqlite_omit_load_extension,netgo,osusergo
VERSION    := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FLAGS      := -tags $(TAGS)
BIN        := bin/blindcopy
PREFIX     ?= /usr/local

FUZZTIME   ?= 30s
FUZZ       ?= ^Fuzz
BENCH      ?= .
BENCHTIME  ?= 1s
KILLS      ?= 200
MAILS      ?= 50000

# The tool is kept in the project's own folder, so that everybody runs the same.
STATICCHECK_VERSION := v0.8.2
STATICCHECK         := .tools/staticcheck-$(STATICCHECK_VERSION)

# Without cgo there is no SQLite.
export CGO_ENABLED := 1

say = @echo '==>'

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, start a server with a sample company, send it mail, show what to do next
	@$(BIN) demo

.PHONY: build
build: toolchain ## build bin/blindcopy
	$(say) "Building $(BIN) $(VERSION) (the first time compiles SQLite: about a minute)"
	@go build $(FLAGS) -trimpath -ldflags '-X main.version=$(VERSION)' -o $(BIN) ./cmd/blindcopy

.PHONY: test
test: toolchain ## every test that needs no server but its own, with the race detector
	$(say) "Testing everything (-race, shuffled)"
	@go test $(FLAGS) -race -shuffle=on ./...

.PHONY: check
check: lint ## seconds: format, vet, staticcheck, arrows, generated docs, short tests
	$(say) "Arrows between packages, generated docs"
	@go test $(FLAGS) . ./config
	$(say) "Short tests"
	@go test $(FLAGS) -short ./...

.PHONY: lint
lint: toolchain $(STATICCHECK) ## format, vet, staticcheck
	$(say) "gofmt, go vet, staticcheck"
	@unformatted=$$(gofmt -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then printf 'not formatted, run gofmt -w on:\n%s\n' "$$unformatted"; exit 1; fi
	@go vet $(FLAGS) ./...
	@$(STATICCHECK) $(FLAGS) ./...

# A module of its own, so that nothing of it is in go.mod. It keeps pictures of the pages in browser/screens.
.PHONY: browser
browser: toolchain ## use the pages in a real Chromium as people do, and look at each for accessibility
	$(say) "Using the pages in Chromium; pictures are kept in browser/screens"
	@cd browser && go vet ./... && go test -count=1 ./...

# The fuzzer of Go may end with "context deadline exceeded" when its time is over: that is no finding.
.PHONY: fuzz
fuzz: toolchain ## run each fuzz target for FUZZTIME=30s, or FUZZ=pattern alone
	@mkdir -p bin && go test $(FLAGS) -list '$(FUZZ)' ./... > bin/fuzz.list || { cat bin/fuzz.list; exit 1; }
	@awk '/^Fuzz/ { targets[n++] = $$1; next } /^ok/ { while (n > 0) print targets[--n], $$2 }' bin/fuzz.list | \
	while read -r target package; do \
		echo "==> $$target in $$package for $(FUZZTIME)"; \
		go test $(FLAGS) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x "$$package" < /dev/null 2>&1 | tee bin/fuzz.log; \
		if grep -q '^FAIL' bin/fuzz.log && ! grep -q '^ *context deadline exceeded' bin/fuzz.log; then exit 1; fi; \
	done

.PHONY: soak
soak: toolchain ## kill the server KILLS=200 times under load until MAILS=50000 are acknowledged: none lost, none doubled
	@go test $(FLAGS) -run '^TestSoak$$' -v -timeout 90m ./cmd/blindcopy -soak.kills=$(KILLS) -soak.mails=$(MAILS)

.PHONY: bench
bench: toolchain ## run the benchmarks, BENCH=pattern BENCHTIME=1s
	@go test $(FLAGS) -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem ./...

.PHONY: swaks
swaks: ## send one mail with swaks to the running demo, or BCC=address PORT=2525 FROM=you TO=client
	@BCC='$(BCC)' FROM='$(FROM)' TO='$(TO)' PORT='$(PORT)' BIN='$(BIN)' sh testdata/swaks/send.sh

.PHONY: install
install: build ## install to PREFIX=/usr/local (DESTDIR is honoured)
	install -D -m 0755 $(BIN) $(DESTDIR)$(PREFIX)/bin/blindcopy

.PHONY: clean
clean: ## remove what was built, and the demo's state
	rm -rf bin .run

# A person without Go or a C compiler is told so, instead of by a linker.
.PHONY: toolchain
toolchain:
	@command -v go > /dev/null || { echo 'Go is missing: install Go 1.26 or newer and put its bin folder on PATH.' >&2; exit 1; }
	@cc=$$(go env CC) && command -v $${cc%% *} > /dev/null || { \
		echo 'A C compiler is missing; SQLite needs one. Debian, Ubuntu: apt-get install gcc libc6-dev. Fedora: dnf install gcc. macOS: xcode-select --install.' >&2; exit 1; }
	@printf '#include <stdlib.h>\n' | $$(go env CC) -E - > /dev/null 2>&1 || { \
		echo 'The C compiler finds no <stdlib.h>. Debian, Ubuntu: apt-get install libc6-dev. Alpine: apk add musl-dev. macOS: xcode-select --install.' >&2; exit 1; }

$(STATICCHECK):
	$(say) "Installing staticcheck $(STATICCHECK_VERSION) into .tools"
	@mkdir -p .tools && printf '*\n' > .tools/.gitignore
	@GOBIN=$(CURDIR)/.tools go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	@mv .tools/staticcheck $@
