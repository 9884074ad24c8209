"""The compiled loops: numba enters here alone."""
