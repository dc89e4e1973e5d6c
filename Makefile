# The targets are shortcuts; what they do is in test/ and in Go.

PREFIX  ?= /usr/local
DESTDIR ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)

# Static, and free of this machine's paths. -buildvcs: VERSION says it already,
# and git refuses to tell root about another user's tree.
FLAGS = -trimpath -buildvcs=false -ldflags '-s -w $(if $(VERSION),-X main.version=$(VERSION))'

.PHONY: help build demo test lint bench install clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

build: ## build bin/zlaunch
	go=$$(test/find-go) && CGO_ENABLED=0 "$$go" build $(FLAGS) -o bin/zlaunch ./cmd/zlaunch

demo: ## set this machine up, then build, launch, ask, prove and stop the demo server
	test/setup
	test/as-user test/demo

test: ## set this machine up, then check everything with real containers
	test/setup
	test/as-user test/run

lint: ## gofmt, go vet, staticcheck, govulncheck
	test/as-user test/run lint

bench: ## the benchmarks
	test/as-user test/bench
	test/as-user test/launch-bench

install: build ## install the command, man pages and completions below PREFIX
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' test/install

clean: ## remove what was built
	rm -rf bin
