"""The web service: serves a published plan and the way to the nearest device. Uses only aedplan's public names."""
