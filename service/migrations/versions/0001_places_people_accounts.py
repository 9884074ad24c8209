"""Administrative units, people, accounts, sites, training, and the log."""

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import (
    code,
    day,
    decimal,
    fact,
    forget,
    instant,
    key,
    make,
    one_of,
    plain,
    protect,
    record,
    reference,
    whole,
    words,
    yes_no,
)

revision = "0001"
down_revision = None

TABLES = (
    "admin_unit",
    "organisation",
    "person",
    "certificate",
    "account",
    "sign_in",
    "one_time_link",
    "api_token",
    "published_plan",
    "site",
    "site_role",
    "site_keeper",
    "site_person",
    "rescue_team",
    "rescue_team_member",
    "training_event",
    "attendance",
    "rule",
    "change",
)
WRITTEN_ONCE = ("change",)


def upgrade() -> None:
    """Make the tables."""
    _admin_unit()
    _organisation()
    _person()
    _certificate()
    _account()
    _sign_in()
    _one_time_link()
    _api_token()
    _published_plan()
    _site()
    _site_role()
    _site_keeper()
    _site_person()
    _rescue_team()
    _rescue_team_member()
    _training_event()
    _attendance()
    _rule()
    _change()
    for table in WRITTEN_ONCE:
        protect(table)


def downgrade() -> None:
    """Remove the tables."""
    for table in reversed(TABLES):
        op.drop_table(table)
    forget()


def _admin_unit() -> None:
    make(
        "admin_unit",
        key("code", 12),
        words("name"),
        one_of("level", "province", "city", "county", "town", "community", "school"),
        reference("parent_code", "admin_unit.code"),
        whole("population"),
        whole("population_60_plus"),
        decimal("area_km2"),
        plain("outline"),
    )


def _organisation() -> None:
    make(
        "organisation",
        *record(),
        words("name"),
        one_of(
            "kind",
            "red_cross",
            "government",
            "school",
            "company",
            "property_management",
            "transport",
            "hospital",
            "insurer",
            "law_firm",
            "volunteer_team",
            "other",
        ),
        words("credit_code"),
        reference("parent_id", "organisation.id"),
        reference("admin_code", "admin_unit.code"),
        words("address"),
        words("duty_phone"),
    )


def _person() -> None:
    make(
        "person",
        *record(),
        words("name_sealed"),
        words("phone_sealed"),
        reference("organisation_id", "organisation.id"),
        reference("admin_code", "admin_unit.code"),
        plain("roles", null=False),
        day("consent_on"),
        words("privacy_scope"),
        instant("erased_at"),
    )


def _certificate() -> None:
    make(
        "certificate",
        *record(),
        reference("person_id", "person.id", null=False),
        one_of("kind", "first_aider", "cpr_aed", "instructor"),
        reference("issuer_id", "organisation.id"),
        words("number_sealed"),
        day("issued_on"),
        day("expires_on"),
        day("retrain_due_on"),
    )


def _account() -> None:
    make(
        "account",
        *record(),
        code("name", 64, unique=True),
        one_of("role", "administrator", "office", "planner", "manager", "inspector", "viewer"),
        reference("person_id", "person.id"),
        code("password_hash", 256),
        day("until_on"),
        instant("ended_at"),
    )


def _sign_in() -> None:
    make(
        "sign_in",
        key(),
        reference("account_id", "account.id", null=False),
        code("token_hash", 64, unique=True),
        words("browser"),
        instant("started_at", null=False),
        instant("expires_at", null=False),
        instant("ended_at"),
    )


def _one_time_link() -> None:
    make(
        "one_time_link",
        key(),
        reference("account_id", "account.id", null=False),
        code("token_hash", 64, unique=True),
        reference("made_by", "account.id"),
        instant("made_at", null=False),
        instant("expires_at", null=False),
        instant("used_at"),
    )


def _api_token() -> None:
    make(
        "api_token",
        *record(),
        reference("account_id", "account.id", null=False),
        words("name"),
        code("token_hash", 64, unique=True),
        plain("scopes", null=False),
        instant("made_at", null=False),
        instant("expires_at", null=False),
        instant("ended_at"),
    )


def _published_plan() -> None:
    make(
        "published_plan",
        *record(),
        instant("at", null=False),
        words("scenario"),
        words("title"),
        plain("summary", null=False),
        plain("features", null=False),
        reference("account_id", "account.id"),
        instant("withdrawn_at"),
    )


def _site() -> None:
    make(
        "site",
        *record(),
        words("name"),
        words("alias"),
        one_of("stage", "proposed", "agreed", "standing", "closed"),
        reference("organisation_id", "organisation.id"),
        words("venue_type"),
        one_of("norm_class", "I", "II", "III", null=True),
        words("address"),
        reference("admin_code", "admin_unit.code"),
        decimal("lon"),
        decimal("lat"),
        one_of("coordinate_source", "wgs84", "gcj02", "bd09", "map_pick", "address", "plan", null=True),
        decimal("coordinate_accuracy_m"),
        plain("coordinate_original"),
        plain("entrances"),
        whole("building_floors"),
        decimal("floor_area_m2"),
        whole("daily_visitors"),
        whole("residents"),
        words("opening_hours"),
        words("holiday_calendar"),
        yes_no("open_24h_access"),
        yes_no("guard_24h"),
        yes_no("cctv"),
        yes_no("network_4g"),
        yes_no("plan_marks_aed"),
        whole("volunteers_count"),
        words("emergency_phone"),
        reference("published_plan_id", "published_plan.id"),
        words("plan_site_id"),
        words("note"),
    )


def _site_role() -> None:
    make(
        "site_role",
        *record(),
        reference("site_id", "site.id", null=False),
        one_of("role", "training_point", "publicity_station", "vanguard_post"),
        day("since_on"),
        day("until_on"),
    )


def _site_keeper() -> None:
    make(
        "site_keeper",
        *record(),
        reference("account_id", "account.id", null=False),
        reference("site_id", "site.id", null=False),
        day("until_on"),
        sa.UniqueConstraint("account_id", "site_id"),
    )


def _site_person() -> None:
    make(
        "site_person",
        *record(),
        reference("site_id", "site.id", null=False),
        reference("person_id", "person.id", null=False),
        day("since_on"),
        day("until_on"),
    )


def _rescue_team() -> None:
    make(
        "rescue_team",
        *record(),
        words("name"),
        reference("organisation_id", "organisation.id"),
        reference("site_id", "site.id"),
        reference("admin_code", "admin_unit.code"),
        day("founded_on"),
        day("disbanded_on"),
    )


def _rescue_team_member() -> None:
    make(
        "rescue_team_member",
        *record(),
        reference("rescue_team_id", "rescue_team.id", null=False),
        reference("person_id", "person.id", null=False),
        day("since_on"),
        day("until_on"),
    )


def _training_event() -> None:
    make(
        "training_event",
        *record(),
        reference("site_id", "site.id"),
        reference("admin_code", "admin_unit.code"),
        day("held_on", null=False, index=True),
        words("course"),
        decimal("hours"),
        reference("trainer_id", "person.id"),
        yes_no("drill", null=False),
        words("device_models"),
        whole("attended_n"),
        whole("passed_n"),
        whole("publicity_reach"),
        words("note"),
    )


def _attendance() -> None:
    make(
        "attendance",
        *record(),
        reference("training_event_id", "training_event.id", null=False),
        reference("person_id", "person.id", null=False),
        yes_no("passed"),
        sa.UniqueConstraint("training_event_id", "person_id"),
    )


def _rule() -> None:
    make(
        "rule",
        key("name", 64),
        plain("value", null=False),
    )


def _change() -> None:
    make(
        "change",
        *fact(),
        instant("at", null=False, index=True),
        code("account_id", 32, null=True),
        code("role", 32),
        code("kind", 32),
        code("record_id", 32),
        one_of("verb", "add", "change", "remove"),
        plain("before", null=False),
        plain("after", null=False),
        words("note"),
        sa.Index(None, "kind", "record_id"),
    )
