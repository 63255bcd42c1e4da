# Sourced by scripts/demo and scripts/test: system packages and a virtual environment with the exact versions of
# constraints.txt. Safe to run again; does nothing that is already done.

need_system() { # need_system PACKAGE... : Debian packages, installed when we are root, named otherwise
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        command -v python3 >/dev/null && return
        echo "Please install Python 3.11 or newer with its venv module first (and, if you like, the program tesseract)." >&2
        exit 3
    fi
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -eq 0 ]; then
        echo "Installing with apt-get: ${missing[*]}" >&2
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    elif python3 -c 'import ensurepip' 2>/dev/null; then
        echo "Going on without: ${missing[*]} (to have them: sudo apt-get install ${missing[*]})" >&2
    else
        echo "Please run first: sudo apt-get install ${missing[*]}" >&2
        exit 3
    fi
}

need_python() { # Python 3.11 is the floor
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return
    echo "Python 3.11 or newer is needed; python3 here is $(python3 --version 2>&1)." >&2
    exit 3
}

make_venv() { # make_venv FOLDER PIP-ARGUMENT... : the environment in FOLDER, then pip install of the arguments
    local folder=$1
    shift
    [ -x "$folder/bin/python" ] && "$folder/bin/python" -c '' 2>/dev/null || python3 -m venv --clear "$folder"
    local pip=("$folder/bin/python" -m pip --disable-pip-version-check -q install -c constraints.txt)
    "${pip[@]}" hatchling editables
    "${pip[@]}" --no-build-isolation "$@"
}
