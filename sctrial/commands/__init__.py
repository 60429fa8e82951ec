"""One module a command: ``add`` describes its arguments, a function yields its lines."""
