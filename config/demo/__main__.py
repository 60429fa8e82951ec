"""`python -m config.demo`: what bin/demo becomes once its environment is there."""

import errno
import sys
from collections.abc import Sequence

from config.demo.options import parse_options
from config.demo.run import run_demo
from config.demo.stopping import Stopped
from config.embedded.errors import EmbeddedError


def main(arguments: Sequence[str]) -> int:
    options = parse_options(arguments)
    try:
        run_demo(options)
    except Stopped:
        print("Stopped; nothing is left running.", flush=True)
        return 0
    except EmbeddedError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"\n{explain(error)}", file=sys.stderr, flush=True)
        return 1


def explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The disk is full.\nFree some space, or keep the data elsewhere: bin/demo --folder /path"
    return f"{error.strerror or error} ({error.filename}).\nThe folder must belong to who runs this."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
