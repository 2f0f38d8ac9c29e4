# Everything a fresh machine needs is Go, git and make: `make help` lists what can be done.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

STACK ?= prod
state := .rehearsal
modules := . rehearsal

.PHONY: help rehearse test lint fmt clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  STACK=staging  another stack (rehearse)"
	@echo "  KEEP=1         keep the rehearsed stack and its cloud, and say how to go on with plain pulumi (rehearse)"
	@echo "  AWS=installed  preview with the installed AWS plugin instead of the model (rehearse)"

rehearse: go ## Deploy a stack offline with the real Pulumi engine: preview, up, preview, teardown, destroy
	@cd rehearsal && go build -o ../$(state)/bin/rehearse ./cmd/rehearse
	@$(state)/bin/rehearse --stack $(STACK) $(if $(KEEP),--keep) $(if $(AWS),--aws $(AWS))

test: go ## Run every test
	@for module in $(modules); do echo "== go test ./... in $$module"; (cd $$module && go test ./...); done

lint: go ## Check style and common mistakes
	@cd tools/lint && go build -o ../../$(state)/bin/ tool
	@for module in $(modules); do echo "== golangci-lint in $$module"; (cd $$module && $(CURDIR)/$(state)/bin/golangci-lint run ./...); done

fmt: go ## Format the Go code
	@gofmt -w $$(git ls-files '*.go' ':!sdks')

clean: ## Remove what the rehearsal built and keeps
	rm -rf $(state)

.PHONY: go
go:
	@command -v go >/dev/null || { echo "make: Go is not on the PATH; install Go 1.26 or later from https://go.dev/dl and try again" >&2; exit 1; }
