"""All rooms of the records, in the order in which they are asked and described."""

from . import (
    accounts,
    agreements,
    attachments,
    certificates,
    coverage,
    dataset,
    due,
    figures,
    incidents,
    inspections,
    legal,
    log,
    people,
    policies,
    readiness,
    records_devices,
    reports,
    session,
    sites,
    training,
)

ROOMS = (
    session, accounts, sites, records_devices, readiness, inspections, attachments, agreements, policies, legal, people,
    certificates, training, incidents, reports, due, coverage, figures, dataset, log,
)  # fmt: skip
