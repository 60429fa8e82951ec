# Sourced by the commands beside it: sets $python to a Python that the locks are made for.
# A shell is the one thing every machine has; what is wrong must be said before Python can say it.

python=""
without_venv=""
for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    # A pyenv or asdf shim exists for versions that are not switched on: only a run tells.
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 || continue
    if "$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1 || command -v uv >/dev/null 2>&1; then
        python="$candidate"
        break
    fi
    without_venv="${without_venv:-$candidate}"
done

if [ -z "$python" ] && [ -n "$without_venv" ]; then
    echo "$without_venv is the right Python but cannot make environments: its venv part is not installed." >&2
    echo "Debian and Ubuntu: apt install python3-venv. Or install uv, which needs none." >&2
    exit 1
fi
if [ -z "$python" ]; then
    found=$(python3 -V 2>&1) || found="no python3 on the PATH"
    echo "sctrial needs Python 3.11, 3.12 or 3.13 (found: $found)." >&2
    echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13)," >&2
    echo "or name it: PYTHON=/path/to/python3.12 $0" >&2
    exit 1
fi
