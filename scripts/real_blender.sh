#!/usr/bin/env bash
# Runs a Python script in a real Blender window, on a machine without a screen or a Blender:
# the extension is built, installed from its zip as users do, and used through the window.
#
#   scripts/real_blender.sh SCRIPT OUT [ARGUMENT...]
#
#   scripts/real_blender.sh scripts/panel_screenshots.py docs/images   the pictures of docs/blender.md
#   scripts/real_blender.sh scripts/window_checks.py out/window        what tests cannot do headless
#
# What the script writes into /out inside comes back in OUT. Needs root (chroot). The first run makes
# a Debian trixie with Blender 4.3, Xvfb and software OpenGL in $BLENDER_ROOT (1.2 GB, 2 minutes) with
# mmdebstrap, from $DEBIAN_MIRROR or the mirror that this machine's apt uses; later runs use it again.
# The script is stopped after $WINDOW_SECONDS (540), which a busy machine may have to raise.
set -euo pipefail
cd "$(dirname "$0")/.."
script=${1:?usage: scripts/real_blender.sh SCRIPT OUT}
out=${2:?usage: scripts/real_blender.sh SCRIPT OUT}
shift 2
root=${BLENDER_ROOT:-$HOME/.cache/illustrators-depth-blender43}
size=${WINDOW_SIZE:-1500x1200}
limit=${WINDOW_SECONDS:-540}
fail() { echo "Error: $*" >&2; exit 2; }
[ "$(id -u)" = 0 ] || fail "a chroot needs root; run this as root."
[ -f "$script" ] || fail "there is no script $script."

# Everything below $root is shared by those who use it at the same time: one at a time.
mkdir -p "$root"
exec 9>"$root.lock"
flock 9
if [ ! -x "$root/usr/bin/blender" ]; then
  command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing; install it (apt-get install mmdebstrap)."
  mirror=${DEBIAN_MIRROR:-$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* | head -1)}
  [ -n "$mirror" ] || fail "no Debian mirror is known; name one in DEBIAN_MIRROR."
  mmdebstrap --variant=apt --components=main \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --include=blender,python3-numpy,python3-requests,python3-zstandard,xvfb,xauth,libgl1-mesa-dri,libegl1,libegl-mesa0,libglx-mesa0,imagemagick \
    trixie "$root" "$mirror"
fi

.venv/bin/python scripts/build_extension.py --platform linux-x64 --python 3.13 --out build/window
inside=$root/tmp/illustrators-depth
rm -rf "$inside"
mkdir -p "$inside/out"
mounted=
trap '[ -z "$mounted" ] || umount "$root/proc"; rm -rf "$inside"' EXIT
if [ ! -e "$root/proc/cpuinfo" ]; then # ONNX Runtime ends the process without it
  mount -t proc proc "$root/proc" && mounted=1
fi
cp build/window/*linux*.zip "$inside/extension.zip"
cp -r scripts examples "$inside/"

cat >"$inside/run.sh" <<'RUN'
set -eu
here=/tmp/illustrators-depth
export HOME=$here/home BLENDER_USER_RESOURCES=$here/home LANG=C.UTF-8 OMP_NUM_THREADS=1
mkdir -p "$HOME"
cd $here
script=$1 size=$2 limit=$3
shift 3
blender -c extension install-file -r user_default -e extension.zip 2>&1 | grep -v file-systems
display=:87
Xvfb $display -screen 0 ${size}x24 -nolisten tcp >xvfb.log 2>&1 &
server=$!
trap 'kill $server' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e /tmp/.X11-unix/X${display#:} ] && break; sleep 0.5; done
DISPLAY=$display timeout -k 60 "$limit" blender --enable-event-simulate --python-exit-code 7 \
  --window-geometry 0 0 ${size%x*} ${size#*x} --python "$script" -- /out "$@"
RUN
mkdir -p "$out"
rm -rf "$root/out"
mkdir "$root/out"
status=0
chroot "$root" bash /tmp/illustrators-depth/run.sh "$script" "$size" "$limit" "$@" || status=$?
cp -r "$root/out/." "$out/"
exit $status
