#!/bin/sh
# Sets congvan up in .venv beside this file: ./setup.sh, or ./setup.sh --test for what the tests need too.
#
# On Debian and Ubuntu it installs with apt-get, only where missing: python3-venv, tesseract-ocr with tesseract-ocr-vie
# (to read scans) and, for the tests, fonts-liberation2. Then the Python packages of constraints.txt, into .venv alone.
# A second run finds everything in place and takes no time.
set -eu
cd "$(dirname "$0")"

say() { echo "setup: $*" >&2; }

kind=base
extra=""
case "${1:-}" in
    "") ;;
    --test) kind=test; extra="[test]" ;;
    *) say "unknown option $1; there is only --test"; exit 2 ;;
esac

usable_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && usable_python "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

has_vietnamese() {
    for folder in "${TESSDATA_PREFIX:-}" /usr/share/tesseract-ocr/*/tessdata /usr/share/tessdata /usr/local/share/tessdata \
        /opt/homebrew/share/tessdata; do
        if [ -e "$folder/vie.traineddata" ]; then return 0; fi
    done
    return 1
}

has_fonts() {
    [ -e /usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf ]
}

# Nothing to do: the same packages, the same place, the same interpreter.
fingerprint() {
    { cat constraints.txt pyproject.toml; pwd; echo "$extra"; } | sha256sum | cut -d " " -f 1
}
stamp=".venv/.congvan-$kind"
if [ -x .venv/bin/congvan ] && [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] \
    && .venv/bin/python -c "" 2>/dev/null; then
    exit 0
fi

packages=""
find_python >/dev/null || packages="$packages python3 python3-venv"
has_vietnamese || packages="$packages tesseract-ocr tesseract-ocr-vie"
if [ "$kind" = test ]; then has_fonts || packages="$packages fonts-liberation2"; fi
# pip checks the certificates of what it downloads itself; a bare system may have none.
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages="$packages ca-certificates"

if [ -n "$packages" ] && command -v apt-get >/dev/null; then
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
    if [ -z "$as_root" ] || command -v sudo >/dev/null; then
        say "installing with apt-get:$packages"
        # shellcheck disable=SC2086 # several words on purpose
        {
            $as_root apt-get update -qq || true
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null \
                || say "apt-get did not succeed; going on with what is here"
        } </dev/null >&2
    else
        say "not installed, for want of root and sudo:$packages"
    fi
fi

if ! python=$(find_python); then
    say "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)"
    exit 1
fi
has_vietnamese || say "without tesseract-ocr-vie scans are set aside; everything else works"
if [ "$kind" = test ] && ! has_fonts; then
    say "the tests need the fonts of fonts-liberation2 in /usr/share/fonts/truetype/liberation2"
    exit 1
fi

if ! .venv/bin/python -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
say "installing the Python packages into .venv; the first time takes some minutes"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".$extra"
fingerprint >"$stamp"
if [ "$kind" = test ]; then extra=""; fingerprint >.venv/.congvan-base; fi
say "done: .venv/bin/congvan"
