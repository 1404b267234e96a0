# nnrun - run an experiment with a neural network and read what came out.
# `make help` lists the targets.

# ---- settings -------------------------------------------------------------------------------------------------------
ARCH   ?= native
PREFIX ?= /usr/local
BUILD  ?= build
CC     ?= cc
OPT    ?= -O3
LUA    ?= $(firstword $(shell command -v lua5.4 lua54 lua))
BUSTED ?= $(shell command -v busted)

# Lua goes by several names among the systems' packages.
LUA_PKG = $(firstword $(foreach p,lua5.4 lua-5.4 lua54 lua,$(shell pkg-config --exists $(p) 2>/dev/null && echo $(p))))
# sqlite3 is for the index over finished trials, libedit for the prompt (its licence goes with ours).
PKGS     = $(LUA_PKG) openblas zlib libxxhash libturbojpeg sqlite3 libedit md4c-html hdf5 libzip
MACHINE := $(shell $(CC) -march=$(ARCH) -E -x c /dev/null >/dev/null 2>&1 && echo -march=$(ARCH) || echo -mcpu=$(ARCH))

CSTD     = -std=c17 -D_GNU_SOURCE
WARNINGS = -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla
# NaN checks must work, so no -ffast-math as a whole; these change no result that matters.
FLOATS   = -fno-math-errno -fno-trapping-math -fno-signed-zeros -ffp-contract=fast
CFLAGS  += $(CSTD) $(OPT) -pthread $(WARNINGS) $(FLOATS) -g -Iengine $(shell pkg-config --cflags $(PKGS)) $(EXTRA)
LDLIBS  += $(shell pkg-config --libs $(PKGS)) -lm
LDFLAGS += -pthread -Wl,-E $(EXTRA)

# The kernels are compiled once for each level of processor; the program takes the best at run time.
KERNELS      = $(filter-out %/levels.c,$(wildcard engine/products/kernels/*.c))
LEVELS      := plain $(if $(filter x86_64 amd64,$(shell uname -m)),avx2 avx512)
LEVEL_plain := $(if $(word 2,$(LEVELS)),-march=x86-64,$(MACHINE))
LEVEL_avx2   = -march=x86-64-v3
LEVEL_avx512 = -march=x86-64-v4 -mprefer-vector-width=512

# ---- what is built from what ----------------------------------------------------------------------------------------
C_FILES   := $(filter-out $(KERNELS),$(shell find engine -name '*.c'))
LUA_FILES := $(shell find scripts/nn -name '*.lua')
OBJECTS   := $(C_FILES:%.c=$(BUILD)/%.o) $(foreach level,$(LEVELS),$(KERNELS:%.c=$(BUILD)/%.$(level).o)) $(BUILD)/embedded.o
PROGRAM   ?= nnrun

.DEFAULT_GOAL := build

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: lab
lab: deps ## install what is missing, build, run the MNIST lab and print where its report is
	$(MAKE) build
	./$(PROGRAM) experiments/mnist_lab.lua

.PHONY: build
build: $(PROGRAM) ## build ./nnrun for this machine's processor (ARCH=x86-64-v3 for others)

$(PROGRAM): $(OBJECTS)
	@echo "LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "CC    $<"
	@$(CC) $(CFLAGS) $(MACHINE) -MMD -MP -c -o $@ $<

define LEVEL_RULE
$(BUILD)/%.$(1).o: %.c Makefile
	@mkdir -p $$(@D)
	@echo "CC    $$< ($(1))"
	@$$(CC) $$(CFLAGS) $$(LEVEL_$(1)) -DNN_LEVEL=$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach level,$(LEVELS),$(eval $(call LEVEL_RULE,$(level))))

# Code of others: what the sanitizer says of it is not ours to mend.
$(BUILD)/engine/data/stb.o: CFLAGS += -fno-sanitize=undefined

# A trial's record says how the program was built.
$(BUILD)/engine/binding/system/machine.o: CFLAGS += -DNN_FLAGS='"$(strip $(OPT) $(MACHINE) $(FLOATS))"'

# The Lua sources travel inside the program.
$(BUILD)/embedded.c: engine/embed.lua $(LUA_FILES)
	@mkdir -p $(@D)
	@echo "EMBED scripts"
	@$(LUA) engine/embed.lua scripts $(LUA_FILES) > $@.new && mv $@.new $@

$(BUILD)/embedded.o: $(BUILD)/embedded.c
	@$(CC) $(CFLAGS) $(MACHINE) -c -o $@ $<

-include $(OBJECTS:.o=.d)

.PHONY: install
install: build ## install one program that runs from any folder (PREFIX=/usr/local)
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/nnrun

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) nnrun

# The commands' own help is the page on the command line.
.PHONY: docs
docs: build ## write the reference into build/docs (LDoc; make deps-check installs it)
	@command -v ldoc >/dev/null || { echo "make docs needs LDoc: make deps-check installs it (Debian: lua-ldoc lua5.1)"; exit 1; }
	@mkdir -p $(BUILD)
	@{ echo "# The command line"; for c in "" $(shell sed -n 's/^local COMMANDS = {\(.*\)}/\1/p' scripts/nn/cli/init.lua | tr -d '",'); do \
	  printf '\n## nnrun %s\n\n' "$$c"; ./$(PROGRAM) $$c --help | sed 's/^/    /'; done; } > $(BUILD)/command_line.md
	cd scripts && ldoc --quiet --fatalwarnings -d $(abspath $(BUILD))/docs .
	@sed -E -i 's/>([a-z_]+\.)?([a-z_]+) Functions</>\2</g' $(BUILD)/docs/modules/*.html
	@echo 'sup { vertical-align: super } pre { white-space: pre-wrap } #content table:not([class]) td { border: 1px solid #ccc; padding: 3px 6px }' \
	  >> $(BUILD)/docs/ldoc_fixed.css
	@echo "the reference: $(BUILD)/docs/index.html"

# ---- checking -------------------------------------------------------------------------------------------------------
BUSTED_RUN = NNRUN=./$(PROGRAM) ./$(PROGRAM) $(BUSTED) --ignore-lua

# Run a command for each line of the input, two at a time, and show the whole output of each when it has ended.
SIDE_BY_SIDE = xargs -P2 -I{} sh -c 'out=$$(mktemp); { $(1); } >$$out 2>&1; status=$$?; cat $$out; rm $$out; exit $$status'

# Two run at a time; the long ones come first.
SUITES = tests/experiments tests/models tests/program tests/engine tests/data

.PHONY: test
test: build ## run all tests (TESTS=tests/engine/tensor_spec.lua for one file)
ifdef TESTS
	$(BUSTED_RUN) $(TESTS)
else
	@printf '%s\n' $(SUITES) | $(call SIDE_BY_SIDE,$(BUSTED_RUN) {})
endif

# What multiplies: everything that depends on the level of vector code, or on who computes dense products.
NUMERIC = engine/golden engine/golden_gradients engine/kernels engine/convolution engine/pooling engine/sparse \
  engine/threads engine/tensor_math models/convnet models/attention models/open_axes models/recurrent \
  engine/layers engine/layer_numbers engine/losses models/models models/functional models/on_batch engine/optimizers \
  engine/optimizer_state models/perceptron experiments/kept_score

.PHONY: test-kernels
test-kernels: build ## run the numeric tests with products by OpenBLAS, and without vector code
	@printf '%s\n' $(filter-out avx512,$(LEVELS)) | $(call SIDE_BY_SIDE,echo NNRUN_KERNELS={}; \
	  NNRUN_KERNELS={} $(BUSTED_RUN) $(NUMERIC:%=tests/%_spec.lua))

.PHONY: test-kill
test-kill: build ## kill workers and parents of a sweep 200 times and compare with an undisturbed one
	cp tests/bench/sweep.lua $(BUILD)/bench-sweep && NNRUN=./$(PROGRAM) ./$(PROGRAM) $(BUILD)/bench-sweep kill

.PHONY: bench-sweep
bench-sweep: build ## print the figures of running trials: jobs, overhead, memory, kills
	cp tests/bench/sweep.lua $(BUILD)/bench-sweep && NNRUN=./$(PROGRAM) ./$(PROGRAM) $(BUILD)/bench-sweep

.PHONY: calibrate
calibrate: build ## simulate runs whose truth is known: do the statistics of the reports hold? (families=200 is quicker)
	./$(PROGRAM) tests/calibrate.lua $(if $(families),-- $(families))

# Lua and BLAS keep memory until the end by design; leaks are looked for with valgrind.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

# Too large a request fails as elsewhere.
ASAN_OPTIONS = detect_leaks=0:allocator_may_return_null=1

# -O2 rounds as the program does; by -O1 a unit next to zero comes out on the other side than Keras' within an epoch.
.PHONY: asan
asan: ## run the tests under AddressSanitizer and UBSan
	ASAN_OPTIONS=$(ASAN_OPTIONS) SANITIZED=1 $(MAKE) test BUILD=build/asan PROGRAM=build/asan/nnrun OPT=-O2 EXTRA="$(SANITIZE)"

.PHONY: check
check: ## warnings as errors with gcc and clang, formatting, luacheck
	$(MAKE) build CC=gcc BUILD=build/gcc PROGRAM=build/gcc/nnrun EXTRA=-Werror
	$(MAKE) build CC=clang BUILD=build/clang PROGRAM=build/clang/nnrun EXTRA=-Werror
	$(MAKE) build/bench/kernels build/bench/convolution build/bench/floor
	clang-format --dry-run --Werror $(shell find engine -name '*.[ch]')
	luacheck --quiet scripts experiments tests engine

.PHONY: format
format: ## lay out the C sources as .clang-format says
	clang-format -i $(shell find engine -name '*.[ch]')

include tests/bench/bench.mk
include tests/fuzz/fuzz.mk

# ---- what nnrun needs from the system -------------------------------------------------------------------------------
LUAROCKS = luarocks --lua-version=5.4 install
ROCKS    = argparse dkjson luafilesystem busted

DEBIAN = gcc make pkg-config liblua5.4-dev lua5.4 libopenblas-dev libstb-dev libturbojpeg0-dev zlib1g-dev libxxhash-dev \
         libsqlite3-dev libedit-dev libmd4c-dev libmd4c-html0-dev libhdf5-dev \
         libzip-dev lua-argparse lua-dkjson lua-filesystem lua-busted gnuplot-nox curl
FEDORA = gcc make pkgconf lua-devel lua luarocks openblas-devel stb_image-devel stb_image_write-devel \
         turbojpeg-devel zlib-devel xxhash-devel md4c-devel sqlite-devel libedit-devel hdf5-devel libzip-devel gnuplot-minimal curl
ARCH_LINUX = gcc make pkgconf lua luarocks openblas stb libjpeg-turbo zlib xxhash md4c sqlite libedit hdf5 libzip gnuplot curl
BREW   = pkg-config lua luarocks openblas jpeg-turbo xxhash md4c sqlite libedit hdf5 libzip gnuplot curl

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: deps
deps: ## install the libraries and programs that are missing
	@if command -v apt-get >/dev/null; then \
	  missing=$$(for p in $(DEBIAN); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	  [ -z "$$missing" ] || { echo "installing what is missing:" $$missing; $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; }; \
	elif command -v dnf >/dev/null; then $(SUDO) dnf install -y $(FEDORA) && for r in $(ROCKS); do $(SUDO) $(LUAROCKS) $$r; done; \
	elif command -v pacman >/dev/null; then $(SUDO) pacman -S --needed --noconfirm $(ARCH_LINUX) && for r in $(ROCKS); do $(SUDO) $(LUAROCKS) $$r; done; \
	elif command -v brew >/dev/null; then brew install $(BREW) && for r in $(ROCKS); do $(LUAROCKS) $$r; done; \
	else echo "no known package manager; nnrun needs: $(DEBIAN)"; exit 1; fi

# A runtime for the test of exported models: Node.js and this package, which is no part of nnrun.
ONNX_RUNTIME = onnxruntime-web@1.30.0

.PHONY: onnx
onnx: build/onnx/node_modules/onnxruntime-web/package.json ## install ONNX Runtime for the tests (needs Node.js and npm)

build/onnx/node_modules/onnxruntime-web/package.json:
	@command -v npm >/dev/null || { echo "make onnx needs Node.js and npm (Debian: nodejs npm)"; exit 1; }
	npm install --silent --no-fund --no-audit --ignore-scripts --prefix build/onnx $(ONNX_RUNTIME)

.PHONY: deps-check
deps-check: ## install what `make check` and `make docs` need besides (Debian, Ubuntu)
	$(SUDO) apt-get install -y -q --no-install-recommends clang clang-format lua-check valgrind lua-ldoc lua5.1 lua-discount
