"""The demo's and the tests' own PostgreSQL and Valkey: the engines of production, without an installation.

`errors` what goes wrong and its remedy; `binaries` where the executables are; `identity` who may run them;
`folders` where sockets and passing data live; `guard` stops everything when we are killed; `postgres` and
`valkey` one server each; `services` the two together. Standard library only, and never for production.
"""

from config.embedded.errors import EmbeddedError
from config.embedded.services import Services

__all__ = ["EmbeddedError", "Services"]
