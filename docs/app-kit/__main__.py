"""`python docs/app-kit`, from anywhere: what bin/app-kit becomes once its environment is there."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kit.command import main

sys.exit(main(sys.argv[1:]))
