#!/usr/bin/env bash
# Installs what a build of DOIN needs and is missing on a Debian or Ubuntu machine:
# system packages, and the wasm32v1-none target for the runtime. Safe to repeat: what is there is left alone.
# Where rustup can download, the target comes from it. Where it cannot (closed networks), the target's three
# libraries are built from Debian's `rust-web-src` into a toolchain called `debian-web`; build.env then names it.
#
# `--tests` also installs what the end-to-end tests need: Node.js 18.19 or later with npm.
# DOIN_NO_RUSTUP_DOWNLOAD=1 takes the way without rustup's download in any case, as on a closed network.
set -euo pipefail

with_tests=
case "${1:-}" in
    '') ;;
    --tests) with_tests=yes ;;
    *) echo "usage: $0 [--tests]" >&2; exit 2 ;;
esac

root=$(cd "$(dirname "$0")/.." && pwd)
cache=${DOIN_CACHE:-$HOME/.cache/doin}
mkdir -p "$cache"
started=$SECONDS
say() { printf '[setup %4ds] %s\n' "$((SECONDS - started))" "$*"; }
die() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }

# -- system packages ---------------------------------------------------------------------------------------------
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif [ -t 0 ]; then sudo "$@"
    else sudo -n "$@"; fi # nobody is there to type a password
}
installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
apt_updated=
apt_install() {
    command -v apt-get >/dev/null || die "missing packages: $*. Install them with your system's package manager, then run this again."
    if [ -z "$apt_updated" ]; then
        say "refreshing the package lists"
        as_root apt-get update -qq >"$cache/apt.log" 2>&1 || die "apt-get update failed; see $cache/apt.log"
        apt_updated=yes
    fi
    say "installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$cache/apt.log" 2>&1 \
        || die "apt-get install $* failed; see $cache/apt.log"
}

missing=()
need() { installed "$1" || missing+=("$1"); }
if command -v dpkg-query >/dev/null; then
    for package in build-essential ca-certificates curl git protobuf-compiler clang libclang-dev cmake pkg-config libssl-dev mold libvulkan1 python3 util-linux; do
        need "$package"
    done
    # A Vulkan driver: a hardware one has put its description (ICD file) in one of these folders; else the software one.
    drivers=$(find /usr/share/vulkan/icd.d /etc/vulkan/icd.d -name '*.json' 2>/dev/null | head -1 || true)
    [ -n "$drivers" ] || need mesa-vulkan-drivers
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
else
    for tool in protoc clang cmake pkg-config mold python3 setpriv; do
        command -v "$tool" >/dev/null || die "'$tool' is missing; install it with your system's package manager, then run this again."
    done
fi

# -- Node.js and what else several nodes on one machine take, for the tests that run nodes ---------------------------------------------------------------------------
if [ -n "$with_tests" ]; then
    if command -v dpkg-query >/dev/null; then
        missing=()
        for package in iproute2 procps util-linux; do need "$package"; done
        [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
    fi
    node_help="the end-to-end tests need Node.js 18.19 or later with npm: on Debian or Ubuntu \`apt install nodejs npm\`, elsewhere see https://nodejs.org"
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        if command -v dpkg-query >/dev/null; then apt_install nodejs npm; else die "$node_help"; fi
    fi
    node_version=$(node --version 2>/dev/null || true)
    oldest=18.19.0
    [ "$(printf '%s\n' "$oldest" "${node_version#v}" | sort -V | head -1)" = "$oldest" ] || die "Node.js ${node_version:-(none)} is too old: $node_help"
fi

# -- Rust --------------------------------------------------------------------------------------------------------
if ! command -v rustup >/dev/null && [ -x "$HOME/.cargo/bin/rustup" ]; then export PATH="$HOME/.cargo/bin:$PATH"; fi
if ! command -v rustup >/dev/null; then
    say "installing rustup"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --default-toolchain none --profile minimal \
        || die "rustup could not be installed; install it as https://rustup.rs says, then run this again."
    export PATH="$HOME/.cargo/bin:$PATH"
fi
cd "$root"
channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
rustup toolchain list | grep -q "^$channel" || {
    say "installing Rust $channel"
    rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy \
        || die "Rust $channel could not be installed; check the network, then run this again."
}

# -- the runtime's target ----------------------------------------------------------------------------------------
has_target() { # has_target TOOLCHAIN
    local lib; lib=$(rustc "+$1" --print sysroot 2>/dev/null)/lib/rustlib/wasm32v1-none/lib
    compgen -G "$lib/libcore-*.rlib" >/dev/null && compgen -G "$lib/liballoc-*.rlib" >/dev/null
}

add_target() {
    say "adding the target wasm32v1-none"
    # Where downloads are blocked this may hang instead of failing.
    timeout 120 rustup target add --toolchain "$channel" wasm32v1-none >"$cache/rustup.log" 2>&1 </dev/null && has_target "$channel"
}

# The first way that works: the toolchain has the target, an earlier run built it, rustup downloads it, build it here.
build_env=$cache/build.env
closed=${DOIN_NO_RUSTUP_DOWNLOAD:-}
if [ -z "$closed" ] && has_target "$channel"; then
    wasm_toolchain=
elif has_target debian-web; then
    wasm_toolchain=debian-web
elif [ -z "$closed" ] && add_target; then
    wasm_toolchain=
else
    say "building wasm32v1-none from Debian's sources, without rustup's download"
    needed=()
    for package in rustc-web cargo-web rust-web-src; do installed "$package" || needed+=("$package"); done
    [ ${#needed[@]} = 0 ] || apt_install "${needed[@]}"
    rustup toolchain link debian-web /usr
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/src"
    printf '[package]\nname = "standard-library"\nversion = "0.0.0"\nedition = "2021"\n' >"$work/Cargo.toml"
    printf '#![no_std]\nextern crate alloc;\npub fn warm() -> alloc::vec::Vec<u8> { alloc::vec::Vec::new() }\n' >"$work/src/lib.rs"
    # The bitcode is what the runtime's link-time optimisation reads; RUSTC_BOOTSTRAP is set for this one command only.
    (cd "$work" && env -u CARGO_TARGET_DIR RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C embed-bitcode=yes" \
        cargo +debian-web build --release --target wasm32v1-none -Z build-std=core,alloc >"$cache/std.log" 2>&1) \
        || die "the standard library for wasm32v1-none did not build; see $cache/std.log"
    lib=$(rustc +debian-web --print sysroot)/lib/rustlib/wasm32v1-none/lib
    as_root mkdir -p "$lib"
    for crate in core alloc compiler_builtins; do
        as_root cp "$work"/target/wasm32v1-none/release/deps/lib"$crate"-*.rlib "$lib/"
    done
    host_lld=$(rustc "+$channel" --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
    tools=$(rustc +debian-web --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin
    [ -e "$host_lld" ] || die "the linker rust-lld is missing from Rust $channel"
    as_root mkdir -p "$tools"
    as_root ln -sf "$host_lld" "$tools/rust-lld"
    has_target debian-web || die "the target wasm32v1-none is still missing after it was built"
    wasm_toolchain=debian-web
fi
if [ -n "$wasm_toolchain" ]; then
    # rust-toolchain.toml lists the target: without this rustup would try to download it at each call of cargo.
    printf 'export WASM_BUILD_TOOLCHAIN=%s\nexport RUSTUP_AUTO_INSTALL=0\n' "$wasm_toolchain" >"$build_env"
else
    echo "unset WASM_BUILD_TOOLCHAIN" >"$build_env"
fi
say "ready: Rust $channel, wasm32v1-none from ${wasm_toolchain:-$channel}"
