"""The tables of the service's records, by subject; everything else imports them from here."""

from .accounts import Account, ApiToken, Assignment, CalendarFeed, OneTimeLink, Role, SignIn, SiteKeeper
from .base import Base, Fact, Record, new_id
from .changes import Change
from .checks import Defect, DeviceLooks, Inspection, InspectionReview, Notice, Task
from .devices import Battery, Device, DeviceStep, Funding, Pads
from .events import Incident, PublicReport, PublishedPlan, Rule
from .imports import SheetImport
from .papers import (
    Agreement,
    AgreementThing,
    Attachment,
    Breach,
    Claim,
    LegalCase,
    LegalKitPage,
    Obligation,
    Policy,
    PolicyInsured,
)
from .people import Attendance, Certificate, Person, SitePerson, TrainingEvent
from .places import AdminUnit, Organisation, RescueTeam, RescueTeamMember, Site, SiteRole
from .studies import Study, StudyFile, StudyRun

__all__ = [
    "Account", "AdminUnit", "Agreement", "AgreementThing", "ApiToken", "Assignment", "Attachment", "Attendance",
    "Base", "Battery", "Breach", "CalendarFeed", "Certificate", "Change", "Claim", "Defect", "Device", "DeviceLooks",
    "DeviceStep", "Fact", "Funding", "Incident", "Inspection", "InspectionReview", "LegalCase", "LegalKitPage",
    "Notice", "Obligation", "OneTimeLink", "Organisation", "Pads", "Person", "Policy", "PolicyInsured",
    "PublicReport", "PublishedPlan", "Record", "RescueTeam", "RescueTeamMember", "Role", "Rule", "SheetImport", "SignIn", "Site",
    "SiteKeeper", "SitePerson", "SiteRole", "Study", "StudyFile", "StudyRun", "Task", "TrainingEvent", "new_id",
]  # fmt: skip
