"""Checks: the form, what may be filled in, what a filled form means, the defects that follow, photos and papers."""
