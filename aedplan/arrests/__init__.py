"""Arrests that happened: smoothed, mixed with other grounds, and judged on those held out."""
