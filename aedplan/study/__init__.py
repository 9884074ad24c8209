"""A whole study: run, saved as a folder, opened again, its curve, and a first scenario drafted from files."""
