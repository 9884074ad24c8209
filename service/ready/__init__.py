"""Readiness: one pure function of a device's records, a norm profile and a date; its reasons in words; its days counted."""
