"""Where the edge of a reach lies: isochrones for maps and time surfaces, never for figures."""
