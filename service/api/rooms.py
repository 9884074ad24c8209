"""All rooms of the records, in the order in which they are asked and described."""

from . import (
    accounts,
    agreements,
    attachments,
    certificates,
    checks,
    coverage,
    dataset,
    due,
    figures,
    imports,
    incidents,
    inspections,
    legal,
    log,
    people,
    policies,
    proposals,
    readiness,
    records_devices,
    reports,
    runs,
    session,
    sites,
    studies,
    training,
)

ROOMS = (
    session, accounts, imports, proposals, sites, records_devices, readiness, inspections, checks, attachments,
    agreements, policies, legal, people, certificates, training, incidents, reports, due, coverage, figures, dataset,
    log, studies, runs,
)  # fmt: skip
