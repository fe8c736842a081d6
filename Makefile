# `make demo` sets everything up on a fresh Debian machine and lets the model in the box press a button.
# `make test` runs every check. Both install what they need.

PYTHON ?= python3
PACKAGES = chromium fonts-dejavu python3-venv adb xclip
# Real applications on a virtual screen for the tests of the desktop device, and the font of a suite's pictures.
TEST_PACKAGES = python3-tk xvfb openbox dbus-daemon xdotool x11-utils x11-xserver-utils x11-apps xterm mousepad pcmanfm \
	gnome-calculator yad sway wev fonts-noto-cjk openssl libnss3-tools
PORTAL_PACKAGES = mutter xdg-desktop-portal-gnome pipewire wireplumber gstreamer1.0-tools gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-pipewire wl-clipboard dbus-daemon mousepad wev
EXTRAS = browser,desktop,android,local
TEST_EXTRAS = bench,gym,cluster,quantized,live,mcp,telemetry,video,ocr,dev
# Tests that watch a screen in real time: they get both cores.
ALONE = tests/devices/desktop tests/devices/test_settled.py
SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
RUN = .venv/bin/python

.PHONY: setup demo gpu test test-autoharness test-browsergym test-portal check packages test-packages lock train clean

setup: packages .venv/installed

# Debian's packages, if this is Debian and they are missing.
packages:
	$(call install,$(PACKAGES))

test-packages:
	$(call install,$(PACKAGES) $(TEST_PACKAGES))

define install
	@if command -v apt-get >/dev/null && ! dpkg -s $(1) >/dev/null 2>&1; then \
		$(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -q --no-install-recommends $(1); \
	fi
endef

# In the versions that the tests ran with: constraints.txt, which `make lock` writes.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -q --upgrade pip
	.venv/bin/pip install -q -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

# Again with the first extras, so that their version pins stay in force.
.venv/installed-for-tests: .venv/installed
	.venv/bin/pip install -q -c constraints.txt -e '.[$(EXTRAS),$(TEST_EXTRAS)]'
	touch $@

# The newest versions that pyproject.toml allows, in a fresh environment. Run `make test` with them before they are kept.
lock:
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/pip install -q -e '.[$(EXTRAS),$(TEST_EXTRAS)]'
	build/lock/bin/pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

demo: setup
	$(RUN) run_agent.py --suite press --model embedded --headless --limit 3

# Formatting, lint and types.
check: .venv/installed-for-tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

test: test-packages setup check
	$(RUN) -m tests.qwen_vocabulary
	$(RUN) -m pytest -n 3 --dist worksteal $(ALONE:%=--ignore=%); most=$$?; $(RUN) -m pytest $(ALONE) && exit $$most

# The agent for BrowserGym and AgentLab, in its own environment: BrowserGym pins Playwright to 1.44. Of AgentLab only the
# runner is needed; all of it would install a hundred packages, including torch and Ray.
test-browsergym: packages
	$(PYTHON) -m venv build/browsergym
	build/browsergym/bin/pip install -q -e '.[browsergym]' pytest tqdm pandas
	build/browsergym/bin/pip install -q --no-deps agentlab==0.4.2
	build/browsergym/bin/python -m pytest --noconftest -o filterwarnings=default -m browsergym tests/tasks/browsergym/test_browsergym_miniwob.py

# The desktop device under cua-auto-harness, 100 gestures that other people judge, in its own environment: some ten minutes.
test-autoharness: test-packages
	$(PYTHON) -m venv build/autoharness
	build/autoharness/bin/pip install -q -c constraints.txt -e '.[desktop]' pytest
	build/autoharness/bin/pip install -q cua-auto-harness==0.5.0
	build/autoharness/bin/python -m pytest --noconftest -m autoharness tests/devices/desktop/test_autoharness.py

# The desktop device by GNOME's desktop portal, on a headless mutter: a minute, and some 400 MB of packages.
test-portal: setup
	$(call install,$(PORTAL_PACKAGES))
	$(RUN) -m pytest -q -m portal tests/devices/desktop/test_portal_on_mutter.py

# Everything that needs an NVIDIA GPU: the tests marked gpu, the tables of the real shapes and a training, whose result is
# in build/gpu/trained/last. DRY=1 tries all of it on the CPU, with a small shape. Lessons need a browser and no GPU: draw them
# before, with `make build/lessons/drawn`.
GPU_RESULTS = build/gpu
GPU_MINUTES = 4.5
TRAIN = $(RUN) -m model.embedded.train --start model/embedded --shards build/lessons --validation build/validation \
	--out $(GPU_RESULTS)/trained --minutes $(GPU_MINUTES)
gpu:
	$(RUN) -m tests.performance.gpu $(GPU_RESULTS) $(if $(DRY),--dry) $(if $(TRAIN),--train "$(TRAIN)")

# Continues the training of the model in the box on newly drawn lessons; the result is in build/trained/last. After an
# interruption, run it again to continue. DONE of the MINUTES count as used, because the weights were trained before.
# START, the first seed, separates these lessons from those of earlier trainings.
MINUTES = 85
DONE = 20
START = 500000
train: setup build/lessons/drawn
	nice $(RUN) -m model.embedded.train --start model/embedded --shards build/lessons --validation build/validation \
		--out build/trained --minutes $(MINUTES) --done $(DONE)

build/lessons/drawn:
	nice $(RUN) -m tasks.training_data build/lessons --start $(START) @tasks/training_data/mix.txt
	nice $(RUN) -m tasks.training_data build/validation --split val --most 24 @tasks/training_data/mix.txt
	touch $@

clean:
	rm -rf .venv *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
