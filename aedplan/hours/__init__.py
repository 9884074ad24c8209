"""When places are open: what registers write, OSM's syntax, holidays, and the periods of the week."""
