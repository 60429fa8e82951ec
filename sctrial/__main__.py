"""``python -m sctrial``."""

import sys

from sctrial.cli import main

if __name__ == "__main__":
    sys.exit(main())
