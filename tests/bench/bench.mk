# The benchmark's programs; see tests/bench/bench.lua. Included by the Makefile.
BENCH_DEBIAN = python3-torch python3-sklearn python3-numpy libtorch-dev libdlib-dev libopenblas0-openmp g++ util-linux
BENCH_FOLDER = build/bench
BENCH_CXXFLAGS = -std=c++17 $(OPT) $(MACHINE)

# A peer whose headers are not there is not built, and the benchmark says so.
BENCH_PROGRAMS = floor \
  $(if $(wildcard /usr/include/torch/csrc/api/include/torch/torch.h),libtorch) $(if $(wildcard /usr/include/dlib/dnn.h),dlib)
BENCH_OPTIONS = $(foreach option,threads runs only peers quick,$(if $($(option)),$(option)=$($(option))))

$(BENCH_FOLDER)/floor: tests/bench/floor.c tests/bench/workload.h
	@mkdir -p $(@D)
	@echo "CC    $<"
	@$(CC) $(CFLAGS) $(MACHINE) -o $@ $< $(LDLIBS)

# Headers of others are no business of our warnings.
$(BENCH_FOLDER)/libtorch: tests/bench/peers/libtorch.cpp tests/bench/workload.h
	@echo "CXX   $<"
	@$(CXX) $(BENCH_CXXFLAGS) -isystem /usr/include/torch/csrc/api/include -o $@ $< -ltorch -ltorch_cpu -lc10

$(BENCH_FOLDER)/dlib: tests/bench/peers/dlib.cpp tests/bench/workload.h
	@echo "CXX   $<"
	@$(CXX) $(BENCH_CXXFLAGS) -o $@ $< -ldlib -lblas

# Everything of the engine but Lua and main.
BENCH_ENGINE = $(filter-out $(BUILD)/engine/main.o $(BUILD)/engine/binding/% $(BUILD)/embedded.o,$(OBJECTS))

$(BENCH_FOLDER)/kernels $(BENCH_FOLDER)/convolution: $(BENCH_FOLDER)/%: tests/bench/%.c tests/bench/workload.h $(BENCH_ENGINE)
	@mkdir -p $(@D)
	@echo "CC    $<"
	@$(CC) $(CFLAGS) $(MACHINE) -o $@ $< $(BENCH_ENGINE) $(LDLIBS)

.PHONY: bench
bench: build $(BENCH_PROGRAMS:%=$(BENCH_FOLDER)/%) ## compare with PyTorch and others (threads=1 runs=5 only=NAME peers=A,B quick=1)
	./$(PROGRAM) tests/bench/bench.lua -- $(BENCH_OPTIONS)

.PHONY: bench-kernels
bench-kernels: $(BENCH_FOLDER)/kernels ## time each kernel of the engine against what the machine can do
	OPENBLAS_NUM_THREADS=1 $(BENCH_FOLDER)/kernels

.PHONY: bench-convolution
bench-convolution: $(BENCH_FOLDER)/convolution ## time convolutions and their gradients on one thread
	$(BENCH_FOLDER)/convolution

.PHONY: bench-deps
bench-deps: ## install the programs nnrun is compared with (Debian, Ubuntu)
	$(SUDO) apt-get install -y -q --no-install-recommends $(BENCH_DEBIAN)
