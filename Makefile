# nnrun - run an experiment with a neural network and read what came out.
# `make help` lists the targets.

# ---- settings -------------------------------------------------------------------------------------------------------
ARCH   ?= native
PREFIX ?= /usr/local
BUILD  ?= build
CC     ?= cc
LUA    ?= lua5.4
OPT    ?= -O3

CSTD     = -std=c17 -D_GNU_SOURCE
WARNINGS = -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla
# NaN checks must work, so no -ffast-math as a whole; these three change no result.
FLOATS   = -fno-math-errno -fno-trapping-math -fno-signed-zeros -ffp-contract=fast
MACHINE := $(shell $(CC) -march=$(ARCH) -E -x c /dev/null >/dev/null 2>&1 && echo -march=$(ARCH) || echo -mcpu=$(ARCH))
PKGS     = lua5.4 openblas zlib libxxhash
CFLAGS  += $(CSTD) $(OPT) $(MACHINE) $(WARNINGS) $(FLOATS) -g -Iengine $(shell pkg-config --cflags $(PKGS)) $(EXTRA)
LDLIBS  += $(shell pkg-config --libs $(PKGS)) -lm
LDFLAGS += -Wl,-E $(EXTRA)

# ---- what is built from what ----------------------------------------------------------------------------------------
C_FILES   := $(shell find engine -name '*.c')
LUA_FILES := $(shell find scripts/nn -name '*.lua')
OBJECTS   := $(C_FILES:%.c=$(BUILD)/%.o) $(BUILD)/embedded.o
PROGRAM   := nnrun

.DEFAULT_GOAL := build

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: $(PROGRAM) ## build ./nnrun

$(PROGRAM): $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The Lua sources travel inside the program.
$(BUILD)/embedded.c: engine/embed.lua $(LUA_FILES)
	@mkdir -p $(@D)
	$(LUA) engine/embed.lua scripts $(LUA_FILES) > $@.new && mv $@.new $@

$(BUILD)/embedded.o: $(BUILD)/embedded.c
	$(CC) $(CFLAGS) -c -o $@ $<

-include $(OBJECTS:.o=.d)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) $(PROGRAM)
