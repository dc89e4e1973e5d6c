# The targets are shortcuts; what they do is in test/ and in Go.

PREFIX  ?= /usr/local
DESTDIR ?=

# What zlaunch version tells of its source; a tarball has none of it, or is told.
# Of this directory's own repository, never of one around it; so named, git does
# not refuse root another user's, which make does not either.
GIT         = git --git-dir='$(CURDIR)/.git' --work-tree='$(CURDIR)'
VERSION     ?= $(shell $(GIT) describe --tags --always --dirty 2>/dev/null)
COMMIT      ?= $(shell $(GIT) rev-parse --verify -q HEAD 2>/dev/null)
COMMIT_TIME ?= $(shell TZ=UTC0 $(GIT) log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null)
SOURCE = $(if $(VERSION),-X main.version=$(VERSION)) $(if $(COMMIT),-X main.commit=$(COMMIT) -X main.commitTime=$(COMMIT_TIME))

# Static, and free of this machine's paths. -buildvcs=false: SOURCE says it, with
# and without a repository, as the same bytes.
FLAGS = -trimpath -buildvcs=false -ldflags '-s -w $(SOURCE)'
OUT   = bin/zlaunch

.PHONY: help build demo test lint bench bench-check mutants kube oms install packages lab-amd64 lab-s390x e2e e2e-s390x clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 12

build: ## build bin/zlaunch
	go=$$(test/find-go) && CGO_ENABLED=0 "$$go" build $(FLAGS) -o $(OUT) ./cmd/zlaunch

demo: ## set this machine up, then build, launch, ask, prove and stop the demo server
	test/setup
	test/as-user test/demo

test: ## set this machine up, then check everything with real containers
	test/setup
	test/as-user test/run

lint: ## gofmt, go vet, a build for macOS, staticcheck, shellcheck, govulncheck
	test/as-user test/run lint

bench: ## measure zlaunch beside podman, into docs/benchmarks.md: a quarter of an hour on an idle machine
	test/setup
	test/bench -update

bench-check: ## measure again and fail where a ratio is 20 % worse than recorded
	test/setup
	test/bench -check

mutants: ## plant the faults of test/mutants and list those that no unit test finds
	test/as-user test/mutants/run

kube: ## hold what zlaunch writes for Kubernetes against a real kube-apiserver, built once: 7 minutes of a processor
	test/setup
	test/as-user test/kube/run

oms: ## hold what zlaunch signs of models against sigstore-go, and the other way round
	test/setup
	test/as-user test/oms/run

install: build ## install the command, man pages and completions below PREFIX
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' test/install

PACKAGED = VERSION='$(VERSION)' COMMIT='$(COMMIT)' COMMIT_TIME='$(COMMIT_TIME)'

packages: ## build bin/packages: .deb and .rpm for four architectures; CHECK=1 builds twice and compares
	$(PACKAGED) packaging/build bin/packages
	$(if $(CHECK),$(PACKAGED) packaging/check-same bin/packages)
	cd packaging && GO=$$(../test/find-go) && ZLAUNCH_PACKAGES=../bin/packages "$$GO" test -count=1 ./...

lab-amd64 lab-s390x: lab-%:
	test/lab/build $*
	test/lab/up $*

lab-amd64: ## build and boot the amd64 guest (test/lab); test/lab/down amd64 ends it
lab-s390x: ## the same for s390x

SUITE ?= full
SUITE_OF_RUN = $(if $(RUN),--run '$(RUN)',--$(SUITE))

e2e: ## the end-to-end tests in the amd64 guest; SUITE=smoke or RUN=REGEX for some of them
	test/lab/e2e amd64 $(SUITE_OF_RUN)

e2e-s390x: ## the same in the s390x guest
	test/lab/e2e s390x $(SUITE_OF_RUN)

clean: ## remove what was built
	rm -rf bin
