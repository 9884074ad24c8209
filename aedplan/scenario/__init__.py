"""A study's settings from TOML, and what they make: inputs, demand, aims, the week, the chosen plan."""
