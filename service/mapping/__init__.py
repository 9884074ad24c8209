"""Maps: the base map as vector tiles, coverage at this moment and over the coming week."""
