# What people type. `make` alone lists the targets. Works with GNU make 3.81 and later.

# What is installed stays: a machine that was set up for a GPU need not be told so each time.
EXTRA ?= $(or $(patsubst .venv/.installed-%,%,$(firstword $(wildcard .venv/.installed-*))),cpu)
CORPUS ?= puppets
DATA_DIR ?=
PROFILE ?= quick
SEED ?= 0
NOTEBOOKS ?=
WORKERS ?= 1
OUT ?= build
AGAIN ?=

BIN := .venv/bin
INSTALLED := .venv/.installed-$(EXTRA)
OTHERS := $(filter-out $(INSTALLED),$(wildcard .venv/.installed-*))
COURSE = $(BIN)/python -m emolib.batch run --corpus $(CORPUS) --data-dir '$(DATA_DIR)' \
  --profile $(PROFILE) --seed $(SEED) --notebooks '$(NOTEBOOKS)'
# Linux alone can cut the network for one command, loopback (which kernels need) kept.
OFFLINE = $(shell unshare -rn sh -c 'ip link set lo up' 2>/dev/null && \
  echo "unshare -rn sh -c 'ip link set lo up && exec \"\$$@\"' offline")

# Runs a command beside two Dask workers in two processes on loopback.
ON_DASK = sh -c '$(BIN)/dask scheduler --host 127.0.0.1 --port 8786 --no-dashboard & scheduler=$$!; \
  $(BIN)/dask worker tcp://127.0.0.1:8786 --nworkers 2 --nthreads 1 --no-dashboard & workers=$$!; \
  "$$@"; status=$$?; kill $$workers $$scheduler; wait; exit $$status' dask

# Layers and losses hold on the second backend too.
ON_JAX = tests/test_losses.py tests/fusion/test_cross_modal.py tests/fusion/test_tensor.py \
  tests/models/test_attention.py tests/models/test_self_attention.py

# An uncompiled TensorFlow takes six seconds more at every import.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup course test test-all lab notebooks site handouts bench clean
help:
	@echo 'make setup      install everything into .venv/ (EXTRA=gpu for an NVIDIA card, PYTHON=...)'
	@echo 'make course     run the notebooks, report in build/report.html (CORPUS= DATA_DIR= PROFILE='
	@echo '                NOTEBOOKS=00,01 WORKERS= SEED="0 1"; AGAIN=1 repeats what has passed before)'
	@echo 'make lab        open the notebooks in JupyterLab'
	@echo 'make test       check style, library and notebooks'
	@echo 'make test-all   the same, then Colab rehearsed with its versions; and without a network: the'
	@echo '                whole course in both editions and on two Dask workers, in JupyterLab and as'
	@echo '                pages in a browser'
	@echo 'make notebooks  build the notebooks from their sources'
	@echo 'make site       build the notebooks that make course ran into pages, build/site/html'
	@echo 'make handouts   make the editions, plans and slides for those who teach, build/handouts'
	@echo 'make bench      measure the speed claims, results in benchmarks/results.md'
	@echo 'make clean      remove what runs and tests wrote (.venv/ stays)'

setup:
	@rm -f $(INSTALLED)
	@$(MAKE) --no-print-directory EXTRA=$(EXTRA) $(INSTALLED)

# The newest Python that fits, found by running it: a name on the path may be an empty shim.
$(BIN)/python:
	@seen=; for python in $(if $(PYTHON),'$(PYTHON)',python3.13 python3.12 python3.11 python3 python); do \
	  version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  case $$version in 3.11|3.12|3.13) \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	      echo "making .venv/ with $$python ($$version)"; exec "$$python" -m venv .venv; \
	    fi; version="$$version without venv (on Debian and Ubuntu: apt install python$$version-venv)";; \
	  esac; seen="$$seen$${seen:+, }$$python is $$version"; \
	done; \
	echo "emolib needs Python 3.11, 3.12 or 3.13 (TensorFlow has nothing newer); found: $${seen:-no Python}." >&2; \
	echo 'Install one of them, or name it: make setup PYTHON=/path/to/python3.12' >&2; exit 1

# TensorFlow's two builds write to the same folder, so the other one goes first.
$(INSTALLED): pyproject.toml | $(BIN)/python
	@$(if $(OTHERS),rm -f $(OTHERS); $(BIN)/python -m pip uninstall -qq -y tensorflow tensorflow-cpu)
	@printf 'installing emolib[$(EXTRA),batch,dev] into .venv/, some minutes the first time '
	@while kill -0 $$$$ 2>/dev/null; do printf .; sleep 1; done & dots=$$!; \
	  $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check -e '.[$(EXTRA),batch,dev]'; \
	  status=$$?; kill $$dots; wait $$dots 2>/dev/null; echo; exit $$status
	@touch $@

course: $(INSTALLED)
	@$(COURSE) --workers '$(WORKERS)' --out '$(OUT)' $(if $(AGAIN),--again)

test: $(INSTALLED)
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/python -m pytest --quiet -n 2 --dist loadfile --nbval-lax --nbval-current-env \
	  --nbval-cell-timeout 300 --ignore tests/batch/notebooks tests $(wildcard notebooks/*.ipynb)
	@KERAS_BACKEND=jax $(BIN)/python -m pytest --quiet -n 2 --dist loadfile $(ON_JAX)

test-all: test
	@$(BIN)/python -m pytest --quiet -m whole tests/colab
	@echo '$(if $(OFFLINE),the network is cut for what follows,the network is NOT cut: that takes Linux with unshare and ip)'
	@$(OFFLINE) $(COURSE) --workers 2 --again --out build/student
	@$(OFFLINE) $(COURSE) --workers 2 --again --out build/solved --folder notebooks/solved
	@$(OFFLINE) $(ON_DASK) $(COURSE) --scheduler tcp://127.0.0.1:8786 --again --out build/dask
	@$(OFFLINE) $(BIN)/python site/build.py --run build/student
	@$(OFFLINE) $(BIN)/python -m pytest --quiet -m whole tests/browser

# Two notebooks that compile librosa's functions at the same moment would break numba's cache.
.venv/.warm: $(INSTALLED)
	@echo 'filling the compile caches, once'
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash binder/postBuild
	@touch $@

lab: .venv/.warm
	@$(BIN)/jupyter lab notebooks

notebooks: $(INSTALLED)
	@$(BIN)/python notebooks/build.py

site: $(INSTALLED)
	@$(BIN)/python site/build.py

handouts: $(INSTALLED)
	@$(BIN)/python notebooks/handouts.py

bench: .venv/.warm
	@$(BIN)/python -m benchmarks

clean:
	rm -rf build notebooks/build notebooks/solved/build .pytest_cache .ruff_cache
