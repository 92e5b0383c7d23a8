#!/usr/bin/env bash
# Install Zhiku into .venv, in the exact files of requirements.lock. A second run takes about a second.
#
#   bash install.sh            what users need (what `make setup` calls)
#   bash install.sh dev        and what developers need, from requirements-dev.lock (`make setup-dev`, `make test`)
#   bash install.sh browser    Chromium and its driver, for the one test that clicks in a real browser
#   bash install.sh services   PostgreSQL, for the tests of a library that several machines share
#   bash install.sh lock       resolve both locks anew from pyproject.toml
#
# Read from the environment: PYTHON (which interpreter), CMAKE_ARGS (how llama.cpp is built, e.g. -DGGML_CUDA=on),
# PIP_FIND_LINKS, PIP_INDEX_URL and PIP_EXTRA_INDEX_URL (also as set in pip's own configuration).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

VENV=.venv
STAMP=$VENV/.zhiku-stamp
LOCK=requirements.lock
DEV_LOCK=requirements-dev.lock
CACHE=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/zhiku
LOG=$VENV/install.log
BEAT=15 # seconds between two signs of life

say() { # English, Chinese
  case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in zh*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1" ;; esac
}
fail() {
  say "$1" "$2" >&2
  exit 1
}
digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c1-16; }
pinned() { sed -n "s/^$1==\([^ ;]*\).*/\1/p" "$LOCK" | head -1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "Zhiku needs Python 3.11 or newer; found $(python3 -V 2>/dev/null || echo none). Install one and say which: PYTHON=/path/to/python3 make setup" \
    "需要 Python 3.11 或更高版本；当前为 $(python3 -V 2>/dev/null || echo 无)。请安装后指定：PYTHON=/path/to/python3 make setup"
}

make_venv() {
  if [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
  say "Creating $VENV with $("$1" -V) …" "正在用 $("$1" -V) 创建 $VENV …"
  "$1" -m venv "$VENV" ||
    fail "Python can't make virtual environments here. On Debian or Ubuntu: apt-get install python3-venv" \
      "此处的 Python 无法创建虚拟环境。Debian 或 Ubuntu 请执行：apt-get install python3-venv"
}

# uv installs in seconds what takes pip minutes; it is a PyPI package itself, so nothing else is fetched for it.
find_uv() {
  if command -v uv >/dev/null; then
    command -v uv
  else
    [ -x "$VENV/bin/uv" ] || "$VENV/bin/python" -m pip install -q uv >>"$LOG" 2>&1 || true
    if [ -x "$VENV/bin/uv" ]; then echo "$VENV/bin/uv"; fi
  fi
}

# What pip knows of other places for packages. uv reads none of pip's settings, so they are handed to it.
pip_setting() { # find-links, extra-index-url, index-url
  local variable
  variable=PIP_$(echo "$1" | tr 'a-z-' 'A-Z_')
  if [ -n "${!variable:-}" ]; then
    echo "${!variable}"
    return
  fi
  "$VENV/bin/python" -m pip config get "install.$1" 2>/dev/null || "$VENV/bin/python" -m pip config get "global.$1" 2>/dev/null || true
}
read_sources() {
  local place
  # A company's proxy signs with its own authority; who told pip so need not tell uv again.
  place=$(pip_setting cert)
  if [ -n "$place" ] && [ -z "${SSL_CERT_FILE:-}" ]; then export SSL_CERT_FILE=$place; fi
  SOURCES=()
  for place in $(pip_setting find-links); do SOURCES+=(--find-links "$place"); done
  for place in $(pip_setting extra-index-url); do SOURCES+=(--index "$place"); done
  for place in $(pip_setting index-url); do SOURCES+=(--default-index "$place"); done
  # pip compares all its sources; uv would stop at the first that has the package in any version.
  if [ ${#SOURCES[@]} -gt 0 ]; then SOURCES+=(--index-strategy unsafe-best-match); fi
}
get() { # install packages; pip reads its own settings
  if [ -n "$UV" ]; then
    "$UV" pip install -q -p "$VENV/bin/python" ${SOURCES[@]+"${SOURCES[@]}"} "$@"
  else
    "$VENV/bin/python" -m pip install -q "$@"
  fi
}

# A package is a line with its version and, below it, a line for the hash of each of its files.
entries() { # those of the lock $2 whose names match $1
  awk -v names="^($1)==" '/^[^ ]/ { wanted = ($0 ~ names) } wanted' "$2"
}
entries_but() {
  awk -v names="^($1)==" '/^[^ ]/ { wanted = ($0 !~ names) } wanted' "$2"
}
get_locked() { # what the file $1 pins, and only files with the hashes that stand there
  get --no-deps --require-hashes -r "$1"
}

# Run in the background with a sign of life; its output goes to the log, and the log's end is shown if it fails.
patiently() { # what (en), what (zh), command…
  local en=$1 zh=$2 begun=$SECONDS job beat=$SECONDS
  shift 2
  say "$en …" "$zh …"
  "$@" >>"$LOG" 2>&1 &
  job=$!
  trap 'kill "$job" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.3
    if [ $((SECONDS - beat)) -ge $BEAT ]; then
      beat=$SECONDS
      say "  … still working, $((SECONDS - begun)) s" "  … 仍在进行，已用 $((SECONDS - begun)) 秒"
    fi
  done
  trap - INT TERM
  wait "$job"
}

nvidia_gpu() { [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }; }

install_torch() {
  local version
  version=$(pinned torch)
  if "$VENV/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('torch').split('+')[0] != '$version')" 2>/dev/null; then return; fi
  if [ "$(uname -s)" != Linux ] || nvidia_gpu; then
    install_torch_from_lock "$version"
    return
  fi
  # No GPU: PyPI's torch would bring gigabytes of CUDA along. The CPU build is in none of the lock's terms, so that
  # the lock stays valid everywhere; its own dependencies are all in the lock. Its hash is therefore nobody's to compare.
  if patiently "Installing torch $version, the CPU build" "正在安装 torch $version（CPU 版）" get --no-deps "torch==$version+cpu"; then return; fi
  if [ -n "$UV" ] && UV_HTTP_TIMEOUT=20 "$UV" pip install -q -p "$VENV/bin/python" --torch-backend cpu --no-deps "torch==$version" >>"$LOG" 2>&1; then return; fi
  say "No CPU build of torch can be had here, so PyPI's is installed: about 3 GB more than needed. With a folder that holds the CPU wheel: PIP_FIND_LINKS=FOLDER make setup" \
    "此处找不到 torch 的 CPU 版，改装 PyPI 的默认版（约多占 3 GB）。若有存放 CPU 版 wheel 的目录：PIP_FIND_LINKS=目录 make setup"
  install_torch_from_lock "$version"
}
install_torch_from_lock() { # with CUDA's packages, which are in no lock: torch itself names their versions
  entries torch "$LOCK" >"$VENV/torch.lock"
  patiently "Installing torch $1" "正在安装 torch $1" get_locked "$VENV/torch.lock"
  patiently "Installing what torch needs" "正在安装 torch 的依赖" get "torch==$1"
}

# llama.cpp is compiled for this very processor, so the wheel is kept under everything that shaped it. Its kernels for AMX crash
# at the first prompt: GCC's _tile_loadconfig names 8 of the 64 bytes that it reads, and what lies in the others is optimised
# away (github.com/ggml-org/llama.cpp/pull/26954).
install_llama() {
  local version shelf flags without=
  version=$(pinned llama-cpp-python)
  flags=$(grep -m1 -E '^(flags|Features)' /proc/cpuinfo 2>/dev/null || sysctl -n machdep.cpu.brand_string 2>/dev/null || true)
  case "$flags" in *amx_int8*) without=-mno-amx-int8 ;; esac
  shelf=$CACHE/wheels/llama-cpp-python-$version-$(echo "${CMAKE_ARGS:-}|$TAG|$(uname -sm)|$flags$without" | digest)
  if ! ls "$shelf"/llama_cpp_python-*.whl >/dev/null 2>&1; then
    mkdir -p "$shelf"
    entries llama-cpp-python "$LOCK" >"$VENV/llama.lock"
    # pip's own cache does not know CMAKE_ARGS and would hand out a build made with others.
    patiently "Compiling llama.cpp once for this machine (5 to 10 minutes on two cores)" \
      "正在为本机编译 llama.cpp，仅此一次（双核约 5 到 10 分钟）" \
      env CFLAGS="${CFLAGS:-} $without" CXXFLAGS="${CXXFLAGS:-} $without" \
      "$VENV/bin/python" -m pip wheel --no-cache-dir --no-deps --require-hashes -w "$shelf" -r "$VENV/llama.lock" || {
      tail -30 "$LOG" >&2
      fail "llama.cpp could not be compiled. It needs a C++ compiler (apt-get install build-essential; macOS: xcode-select --install). The whole story is in $LOG." \
        "llama.cpp 编译失败。需要 C++ 编译器（apt-get install build-essential；macOS：xcode-select --install）。详情见 $LOG。"
    }
  fi
  if ! cmp -s "$shelf/key" "$VENV/.llama-key" || ! "$VENV/bin/python" -c "import llama_cpp" 2>/dev/null; then
    basename "$shelf" >"$shelf/key"
    get --no-deps --force-reinstall "$shelf"/llama_cpp_python-*.whl
    cp "$shelf/key" "$VENV/.llama-key"
  fi
}

# uv leaves Python's files as they are. Where nobody may write beside them later, or PYTHONDONTWRITEBYTECODE is set, each start
# would compile them anew, a fifth of a second for a search; and the first start of the application would wait for seconds.
compile_imports() {
  env -u PYTHONDONTWRITEBYTECODE "$VENV/bin/python" -m compileall -q app agents ingest prompts >>"$LOG" 2>&1 || true
  env -u PYTHONDONTWRITEBYTECODE "$VENV/bin/python" -c 'import chromadb, jsonschema, langchain_core.language_models, numpy.ma, onnxruntime, pandas, pydantic, rich.console, rich.table, streamlit.web.bootstrap' >>"$LOG" 2>&1 || true
}

install_everything() { # users or dev
  local python key count
  python=$(find_python)
  TAG=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  key=$({ cat "$LOCK" "$DEV_LOCK" pyproject.toml install.sh; echo "${CMAKE_ARGS:-} $TAG $PWD"; } | digest)
  case "$(cat $STAMP 2>/dev/null)" in
    "$key dev") if [ -x $VENV/bin/python ]; then return; fi ;; # who has everything has what users need
    "$key users") if [ -x $VENV/bin/python ] && [ "$1" = users ]; then return; fi ;;
  esac

  local begun=$SECONDS
  make_venv "$python"
  : >"$LOG"
  UV=$(find_uv)
  read_sources
  install_torch || { tail -20 "$LOG" >&2; fail "torch could not be installed; the whole story is in $LOG." "torch 安装失败，详情见 $LOG。"; }
  entries_but 'torch|llama-cpp-python' "$LOCK" >"$VENV/rest.lock"
  if [ "$1" = dev ]; then cat "$DEV_LOCK" >>"$VENV/rest.lock"; fi
  count=$(grep -c '^[^ ]' "$VENV/rest.lock")
  patiently "Installing $count packages" "正在安装 $count 个软件包" get_locked "$VENV/rest.lock" ||
    { tail -20 "$LOG" >&2; fail "Not every package could be installed; the whole story is in $LOG. Run it again: what is there stays." "部分软件包安装失败，详情见 $LOG。可重新运行，已装好的会保留。"; }
  install_llama
  get --no-deps -e .
  compile_imports
  if nvidia_gpu && [ -z "${CMAKE_ARGS:-}" ]; then
    say "There is an NVIDIA GPU. To let language models use it: CMAKE_ARGS=-DGGML_CUDA=on make setup" \
      "检测到 NVIDIA GPU。若要让语言模型使用它：CMAKE_ARGS=-DGGML_CUDA=on make setup"
  fi
  echo "$key $1" >$STAMP
  say "Installed in $((SECONDS - begun)) s. Next: make demo" "安装完成，用时 $((SECONDS - begun)) 秒。下一步：make demo"
}

install_browser() {
  # axe finds what keeps people out of a page; without npm its test is skipped.
  if command -v npm >/dev/null; then npm install --silent --no-save --prefix build/axe axe-core@4.14.1; fi
  if command -v chromedriver >/dev/null && { command -v chromium || command -v chromium-browser; } >/dev/null; then return; fi
  install_from_debian chromium chromium-driver fonts-noto-cjk
}
install_services() {
  if command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then return; fi
  install_from_debian postgresql
}
install_from_debian() {
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "Ask an administrator: apt-get install $*" "请管理员安装：apt-get install $*"
    root=(sudo)
  fi
  command -v apt-get >/dev/null || fail "No apt-get here: install $* by your system's own means." \
    "此处没有 apt-get，请用系统自带的方式安装 $*。"
  ${root[@]+"${root[@]}"} apt-get update -qq
  DEBIAN_FRONTEND=noninteractive ${root[@]+"${root[@]}"} apt-get install -y -qq --no-install-recommends "$@"
}

# Two locks for Python 3.11 and later on Linux, macOS and Windows: what users need, and what developers need besides, in
# versions that go together. torch stands there without its CUDA packages: install_torch decides which build this
# machine gets.
write_locks() {
  local draft dev
  [ -x $VENV/bin/python ] || make_venv "$(find_python)"
  LOG=/dev/null
  UV=$(find_uv)
  [ -n "$UV" ] || fail "Writing the locks needs uv: pip install uv" "更新锁文件需要 uv：pip install uv"
  draft=$(mktemp) dev=$(mktemp)
  cp "$LOCK" "$draft" 2>/dev/null || true # versions in there are kept where they still fit
  cp "$DEV_LOCK" "$dev" 2>/dev/null || true
  resolve pyproject.toml --extra ocr -o "$draft" "${@}"
  resolve --group pyproject.toml:dev -c "$draft" -o "$dev" "${@}"
  # What users need on some systems only, and developers on all, stands in both.
  awk '/^[^ ]/ { split($1, pin, "=="); marked = $2 == ";" }
    NR == FNR { known[pin[1]] = marked; next }
    /^[^ ]/ { wanted = !(pin[1] in known) || (known[pin[1]] && !marked) } wanted' "$draft" "$dev" >"$DEV_LOCK"
  entries_but 'nvidia-[^=]*|cuda-[^=]*|triton' "$draft" >"$LOCK"
  rm -f "$draft" "$dev"
}
resolve() {
  "$UV" pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
    --no-annotate --no-header "$@"
}

case "${1:-all}" in
  all) install_everything users ;;
  dev) install_everything dev ;;
  browser) install_browser ;;
  services) install_services ;;
  lock) shift && write_locks "$@" ;;
  *) fail "Unknown: $1. Say nothing, 'dev', 'browser', 'services' or 'lock'." "未知参数：$1。可用：（无）、dev、browser、services 或 lock。" ;;
esac
