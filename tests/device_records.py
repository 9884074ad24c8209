"""Records of devices: one in order, and hypothesis strategies for any others."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from service.facts import COUNTY_TIME, Check, Defect, DeviceFacts, Part, Report, Status, Use
from service.ready.norms import Norm, shipped_norms
from service.ready.readiness import CRITICAL

NORM = shipped_norms()["default"]
TODAY = date(2026, 11, 22)
ALL_OK = dict.fromkeys(CRITICAL, "ok")


def at(days: int, hour: int = 9) -> datetime:
    """So many days after today, at an hour in the county."""
    start = datetime(2026, 11, 22, hour, tzinfo=COUNTY_TIME)
    return start + timedelta(days=days)


def healthy(**more: object) -> DeviceFacts:
    facts = DeviceFacts(
        "A017",
        statuses=(Status(at(-400), "active"),),
        parts=(Part("pads_adult", TODAY + timedelta(days=300)), Part("battery", TODAY + timedelta(days=900))),
        checks=(Check(at(-3), "monthly", ALL_OK),),
        installed_on=TODAY - timedelta(days=400),
    )
    return replace(facts, **more)


past = st.integers(-500, 0).map(at)
days = st.integers(-500, 900).map(lambda n: TODAY + timedelta(days=n))
parts = st.builds(
    Part,
    st.sampled_from(["pads_adult", "pads_child", "pads_universal", "battery"]),
    st.none() | days,
    spare=st.booleans(),
    removed_on=st.none() | st.just(TODAY),
)
results = st.dictionaries(st.sampled_from(sorted(CRITICAL)), st.sampled_from(["ok", "ok", "ok", "fail", "not_checked"]))
checks = st.builds(
    Check, past, st.sampled_from(["daily", "post_use", "public_report"]), results | st.just(ALL_OK), st.booleans()
)
defects = st.builds(
    Defect, st.just("x"), st.just("casing"), st.sampled_from(["critical", "major", "minor"]), past,
    done_at=st.none() | past,
)  # fmt: skip
reports = st.builds(Report, st.sampled_from(["missing", "broken"]), past, st.sampled_from("abc"), st.none() | past)
statuses = st.builds(Status, past, st.sampled_from(["active", "active", "active", "installed", "in_use", "retired"]))


def some(kind: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(kind, max_size=4).map(tuple)


records = st.builds(
    DeviceFacts,
    st.just("A017"),
    statuses=some(statuses) | st.just((Status(at(-400), "active"),)),
    parts=some(parts) | st.just(healthy().parts),
    checks=some(checks) | st.just(healthy().checks),
    defects=some(defects),
    uses=some(st.builds(Use, past)),
    reports=some(reports),
    installed_on=st.none() | days.map(lambda day: min(day, TODAY)),
    cabinet_access=st.sampled_from(["", "open", "scan", "locked"]),
    body_ends_on=st.none() | days,
    needs_child_pads=st.booleans(),
)
norms = st.builds(
    Norm, st.just("n"), st.just(""), st.just(""), st.integers(1, 200), st.floats(1, 3), st.integers(0, 90),
    st.integers(0, 60), st.just(""),
)  # fmt: skip
