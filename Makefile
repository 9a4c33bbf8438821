# What people and CI call; CONTRIBUTING.md says when.

PREFIX ?= /usr/local
DESTDIR ?=
TO = $(DESTDIR)$(PREFIX)
# Where zsh looks for completions; packages of Debian have them in share/zsh/vendor-completions.
ZSH ?= share/zsh/site-functions
# Where `make demo` and `make site` put what they build.
OUT ?= out

BIN ?= .build/release
PROGRAMS := particle particle-compile particle-run
SOURCES := Package.swift Sources Tests
SWIFT_BUILD := swift build --configuration release

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: build test test-full accept demo lint bench install uninstall deb site api packages dependencies clean

packages:
	@tools/install-packages tools/debian-packages

# SwiftPM reads the libraries' places while it resolves, so the packages come first.
dependencies: packages
	@tools/check-swift
	@tools/fetch-dependencies

build: dependencies
	$(SWIFT_BUILD)

# In release, so that nothing is compiled twice: the end-to-end tests run the release programs.
# What takes seconds comes first; what builds and boots whole systems comes last.
test: dependencies
	$(SWIFT_BUILD) --build-tests
	swift test --configuration release --skip-build --skip EndToEndTests
	swift test --configuration release --skip-build --filter EndToEndTests

# All of `make test` with the full counts, then ten minutes of fuzzing for each reader: many hours. It goes on where it
# was, in parts if asked for (PART=3/8), and each part writes what it has seen into docs.
test-full: dependencies
	$(SWIFT_BUILD) --build-tests
	tools/test-full $(PART)

# Rewrites the texts that tests compare with; look at the change before you commit it. The
# end-to-end tests have none.
accept: dependencies
	$(SWIFT_BUILD) --build-tests
	PARTICLE_ACCEPT=1 swift test --configuration release --skip-build --skip EndToEndTests

demo: build
	mkdir -p $(OUT)
	$(BIN)/particle-compile recipes/minimal.yml -o $(OUT)/minimal.json
	$(BIN)/particle-run $(OUT)/minimal.json -o $(OUT)
	$(BIN)/particle boot $(OUT)/disk.raw --firmware bios
	cat $(OUT)/SHA256SUMS

# Warnings are errors in every target; what is left is the formatter's opinion.
lint:
	@tools/check-swift
	swift format lint --strict --recursive --parallel $(SOURCES)

bench: build
	Benchmarks/all

# The stage `trial` belongs to the tests. `make -o build install` takes what BIN has.
install: build
	install -d '$(TO)/bin' '$(TO)/libexec/particle' '$(TO)/share/particle'
	cp -R recipes schemas '$(TO)/share/particle/'
	install -s -m 755 $(addprefix $(BIN)/,$(PROGRAMS)) '$(TO)/bin'
	find -H $(BIN) -maxdepth 1 -type f \( -name 'particle-stage-*' ! -name '*-trial' -o -name 'particle-read-*' -o -name particle-init \) -perm -100 \
	  -exec install -m 755 -t '$(TO)/libexec/particle' {} +
	tools/man-pages '$(TO)/share/man/man1' $(addprefix $(BIN)/,$(PROGRAMS))
	install -d '$(TO)/share/bash-completion/completions' '$(TO)/$(ZSH)' '$(TO)/share/fish/vendor_completions.d'
	set -e; for program in $(PROGRAMS); do \
	  $(BIN)/$$program --generate-completion-script bash | sed '1{/^#!/d}' >'$(TO)/share/bash-completion/completions/'$$program; \
	  $(BIN)/$$program --generate-completion-script zsh >'$(TO)/$(ZSH)/_'$$program; \
	  $(BIN)/$$program --generate-completion-script fish >'$(TO)/share/fish/vendor_completions.d/'$$program.fish; \
	done

# With the same PREFIX, DESTDIR and ZSH.
uninstall:
	rm -f $(foreach program,$(PROGRAMS),'$(TO)/bin/$(program)' \
	  '$(TO)/share/bash-completion/completions/$(program)' '$(TO)/$(ZSH)/_$(program)' \
	  '$(TO)/share/fish/vendor_completions.d/$(program).fish')
	rm -f '$(TO)/share/man/man1/particle.1' '$(TO)/share/man/man1/particle-'*.1
	rm -rf '$(TO)/libexec/particle' '$(TO)/share/particle'

# A Debian package, beside this directory.
deb: dependencies
	dpkg-buildpackage --build=binary --no-sign

# The documentation, for a browser.
site:
	@tools/build-site $(OUT)/site

# The reference of the libraries, for those who write stages here.
api: dependencies
	@tools/build-api $(OUT)/api

clean:
	rm -rf .build $(OUT)
