"""OpenStreetMap: the only door to osmnx and osmium."""
