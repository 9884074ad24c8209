"""Demand expected from people: population, incidence, buildings."""
