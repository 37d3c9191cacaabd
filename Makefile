# The commands to know. Each sets itself up the first time (scripts/bootstrap.py).
#   make relief [IMAGE=path] [OUT=dir] [OVERWRITE=1]   picture -> layers -> .blend, STL, GLB, PNGs, preview
#   make test [ARGS=...] [JOBS=0]        the whole test suite, a process a core; JOBS=0: one, to debug in
#   make blenders [ARGS=4.2]             the add-on's tests on the first and the newest Blender 4.2, 4.5, 5.0, 5.2
#   make window [OUT=dir]                what only a window shows, in a real Blender 4.3 under Xvfb
#   make lint                            ruff and mypy
#   make extension [ARGS=...]            the Blender extension, one zip per platform, in dist/
#   make bench [ARGS=...]                the benchmarks, or one: ARGS="depth_peers --quick"
#   make visual [UPDATE=1]               previews of the examples, before and after, as a page
#   make soak [ARGS=...]                 500 pictures through one worker: is its memory flat?
#   make fuzz [SECONDS=60] [ARGS=svg]    fuzzes every reader (or those named) for so long each
PYTHON ?= python3
PY := .venv/bin/python
# Two OpenMP threads on a busy machine spin against each other; one is faster.
export OMP_NUM_THREADS ?= 1

.PHONY: relief test blenders window lint extension bench visual soak fuzz examples

relief:
	@$(PYTHON) scripts/bootstrap.py relief
	@$(PY) scripts/make_relief.py $(if $(IMAGE),"$(IMAGE)") $(if $(OUT),--out "$(OUT)") $(if $(OVERWRITE),--overwrite) $(ARGS)

test:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) -m pytest -n $(or $(JOBS),auto) --maxprocesses 4 --dist loadfile $(ARGS)

blenders:
	@$(PYTHON) scripts/test_blenders.py $(ARGS)

window:
	@$(PYTHON) scripts/bootstrap.py dev
	@scripts/real_blender.sh scripts/window_checks.py $(or $(OUT),out/window) $(ARGS)

lint:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy engine training illustrators_depth_addon scripts

extension:
	@$(PYTHON) scripts/bootstrap.py relief
	@$(PY) scripts/build_extension.py $(ARGS)

bench:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) -m benchmarks $(ARGS)

visual:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) -m tests.visual.previews $(if $(UPDATE),--update) $(ARGS)

soak:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) scripts/soak.py $(ARGS)

fuzz:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) -m tests.fuzz.fuzz --seconds $(or $(SECONDS),60) $(ARGS)

examples:
	@$(PYTHON) scripts/bootstrap.py dev
	@$(PY) scripts/make_examples.py $(ARGS)
