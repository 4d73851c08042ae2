# make            build/vt, one self-contained file
# make AOT=1      the same, compiled ahead of time, where the package source has .NET's NativeAOT runtime pack
# make test       everything that proves it, ending in one counting line; make test-long adds what takes hours
# make demo       import a real tree, mount it, compare it
# make bench      the table of ratios against other tools
# make install    PREFIX=/usr/local DESTDIR=
# make deps       the Debian packages that tests and demo use; make lint; make clean

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

PREFIX ?= /usr/local
DESTDIR ?=
AOT ?=
# The data of make bench, and which of its measurements: hashing, chunking FILE..., index KEYS, or commands.
CORPUS ?= $(CURDIR)/build/corpus
BENCH ?= commands $(CURDIR)/build/vt $(CORPUS) $(CURDIR)/build/scratch
CONFIGURATION ?= Release

export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
# No server may outlive the make that started it.
export MSBUILDDISABLENODEREUSE := 1
export DOTNET_CLI_USE_MSBUILD_SERVER := 0
DOTNETFLAGS := -c $(CONFIGURATION) -v q -p:UseSharedCompilation=false

FORM := $(if $(AOT),AheadOfTime,OneFile)
PUBLISHED := artifacts/publish/Vt/$(FORM)
SOURCES := $(shell find src -name '*.cs' -o -name '*.csproj') Directory.Build.props Directory.Packages.props src/Directory.Build.props global.json

.PHONY: all
all: build/vt

build/vt: build/.form-$(FORM) $(SOURCES)
	@scripts/publish $(FORM) $(PUBLISHED) $(DOTNETFLAGS)
	@install -D -m 755 $(PUBLISHED)/vt $@

# A change of form makes build/vt out of date.
build/.form-%:
	@mkdir -p build && rm -f build/.form-* && touch $@

.PHONY: deps
deps:
	@scripts/deps

.PHONY: tests
tests: build/vt
	@dotnet build tests/Vt.Tests $(DOTNETFLAGS)
	@dotnet build tests/Vt.SystemTests $(DOTNETFLAGS)

.PHONY: test test-long
test: deps tests
	@scripts/test $(CONFIGURATION)

test-long: deps tests
	@bench/corpus.sh $(CORPUS)
	@VT_TEST_LONG=1 VT_TEST_CORPUS=$(CORPUS) scripts/test $(CONFIGURATION)

.PHONY: bench
bench: build/vt
	@scripts/deps apache2-utils bindfs borgbackup btrfs-progs ceph-mon ceph-osd nginx-light radosgw rclone restic s3fs time
	@bench/corpus.sh $(CORPUS)
	@mkdir -p build/scratch
	@dotnet run --project bench/Vt.Benchmarks -c Release -v q -p:UseSharedCompilation=false -- $(BENCH)

.PHONY: demo
demo: deps build/vt
	@scripts/demo

.PHONY: lint
lint:
	@dotnet format Vt.sln --verify-no-changes --no-restore -v q || dotnet format Vt.sln --verify-no-changes -v q
	@! grep -rnE --include='*.cs' '^\s*#region' src tests bench

.PHONY: man
man: build/vt
	build/vt help --man > man/vt.1

.PHONY: install
install: build/vt
	install -D -m 755 build/vt $(DESTDIR)$(PREFIX)/bin/vt
	ln -sf vt $(DESTDIR)$(PREFIX)/bin/vtftp
	ln -sf vt $(DESTDIR)$(PREFIX)/bin/dvol
	install -d $(DESTDIR)/sbin
	ln -sf $(PREFIX)/bin/vt $(DESTDIR)/sbin/mount.fuse.vt
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 man/*.7 $(DESTDIR)$(PREFIX)/share/man/man7
	install -D -m 644 vtrc.example $(DESTDIR)$(PREFIX)/share/doc/vt/vtrc.example
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in vt-docker-plugin@.service vt-platonic@.service vt-serve.service vt-serve.socket; do \
	  sed 's|@PREFIX@|$(PREFIX)|' "packaging/$$unit" > "$(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit"; done
	install -d $(DESTDIR)$(PREFIX)/share/doc/vt/docker
	install -m 644 doc/docker/* $(DESTDIR)$(PREFIX)/share/doc/vt/docker
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	build/vt completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vt
	build/vt completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_vt
	build/vt completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/vt.fish

.PHONY: help
help:
	@sed -n 's/^# \?//p;/^$$/q' Makefile

.PHONY: clean
clean:
	rm -rf build artifacts
