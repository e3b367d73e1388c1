# Portico: `make` alone lists what there is.
GO      ?= go
SUITE    = $(GO) run ./cmd/internal/checks/gotest
# The race detector needs a C compiler; Go says 0 where there is none. It looks
# at all Go code but two kinds, which would take longer than all the rest: what
# only computes on what it is given, and SQLite's own code, which was C and has
# its own locks. A package that hands things from one goroutine to another, as
# through a sync.Map, must stay watched, or the detector sees races where none
# are. Pointer checks are left out in what was C.
COMPUTES  = compress/flate hash/crc32 image/... math crypto/internal/fips140/edwards25519/... \
            golang.org/x/image/... golang.org/x/net/html github.com/klauspost/compress/flate
UNWATCHED = $(foreach p,$(COMPUTES),-gcflags=$(p)=-race=false) -gcflags=modernc.org/libc=-d=checkptr=0 \
            $(foreach p,sqlite/lib memory,-gcflags=modernc.org/$(p)='-race=false -d=checkptr=0')
RACE     = $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race $(UNWATCHED))
FUZZTIME ?= 10m

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## The portal and a stand-in for Campus One on this machine, nothing to set up
	$(GO) run ./cmd/demo

# Vet is a part of make check, and would take a minute more here.
test: ## All tests that this machine can run, and one line about those it cannot
	@$(SUITE) $(RACE) -vet=off -timeout 19m -parallel 3 ./...

check: generated ## What CI runs before the tests: generated code, modules, format, vet, fix, staticcheck, imports
	$(GO) mod tidy -diff
	@files=$$(gofmt -l .) && { test -z "$$files" || { echo "make fmt would change: $$files"; exit 1; }; }
	$(GO) vet ./...
	$(GO) fix -diff ./...
	$(GO) tool staticcheck ./...
	$(GO) test -count 1 ./cmd/internal/checks/...

generated: # Fails when a committed _templ.go is not what its .templ file gives today
	@sums() { find . -name '*_templ.go' -exec cksum {} + | sort; }; \
	before=$$(sums); $(GO) tool templ generate -log-level warn; after=$$(sums); \
	test "$$before" = "$$after" || { echo "generated code was not current; it is now: commit it"; exit 1; }

long: ## The full counts: kills, model runs, and fuzzing for FUZZTIME (10m) each
	PORTICO_TEST_LONG=1 $(SUITE) -timeout 0 -count 1 ./...
	.ci/fuzz $(FUZZTIME)

bench: ## The budgets, measured beside a bare server: one table, and bench.json
	$(GO) run ./cmd/internal/bench

scale: ## Reports on a year of 4.5 million sign-ins, beside a plain count: a table, and scale.json
	$(GO) run ./cmd/internal/scale

microbench: ## The Go benchmarks of single parts
	$(GO) test -run '^$$' -bench . -benchmem ./...

build: ## bin/portico and bin/portico-demo: static, version taken from git
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=true -ldflags='-s -w' -o bin/portico ./cmd/portico
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=true -ldflags='-s -w' -o bin/portico-demo ./cmd/demo

generate: ## Write the Go code of the .templ files
	$(GO) tool templ generate -log-level warn

fmt: ## Format Go and templ files
	gofmt -w .
	$(GO) tool templ fmt views

.DEFAULT_GOAL := help
.PHONY: help demo test check generated long bench scale microbench build generate fmt
