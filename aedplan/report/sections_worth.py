"""The section of a report on which devices matter most: what is lost while one fails, and where its stead is best filled."""

from typing import TYPE_CHECKING, Any

from .sheets import Column, Section, Sheet
from .words import Words, kind_words, number, unit

if TYPE_CHECKING:
    from ..study.outcome import Outcome

MOST_ROWS = 20
"""Of a list that could be hundreds long; summary.json and the workbook hold it whole."""

ALONE = Words(
    "损失指这一台单独不能用时少覆盖的需求：没有别的设备能替它。检查、换电池和备用机先顾到排在前面的。",
    "A loss is the demand no longer covered while this device alone does not work: nobody else stands in for it. Look after"
    " the first ones first.",
)


def worth_sections(outcome: "Outcome") -> list[Section]:
    """Which devices matter most; nothing where no device is of use alone."""
    sheet = worth_sheet(outcome)
    title = Words("哪些设备最要紧", "Which devices matter most")
    return [Section("", title, sheets=(sheet,), after=(ALONE,))] if sheet.rows else []


def worth_sheet(outcome: "Outcome") -> Sheet:
    """The devices whose failure loses most, and the next best place of each."""
    sites, counted = outcome.sites, unit(outcome.demand.basis)
    number_of = {id: site for site, id in enumerate(sites.id)}
    told = [one for one in outcome.summary["worth"][:MOST_ROWS] if one["loss"] > 0]
    rows: list[list[Any]] = []
    for one in told:
        site = number_of[one["id"]]
        role = Words("已设", "standing") if sites.standing[site] else Words("新", "new")
        stead = Words("没有", "none") if one["instead"] is None else sites.label[number_of[one["instead"]]]
        rows.append(
            [sites.label[site], kind_words(sites.kind[site]), role, number(one["loss"], like=told[0]["loss"]), stead,
             f"{100 * one['regained'] / one['loss']:.0f}"]
        )  # fmt: skip
    columns = [
        Column(Words("点位", "Site"), "long"), Column(Words("类别", "Kind")), Column(Words("设备", "Device")),
        Column(Words(f"失效时的损失（约，{counted.zh}）", f"Lost while it fails (about, {counted.en})"), "right"),
        Column(Words("点位没了，最好改挂在", "If the site is lost, best hung at"), "long"),
        Column(Words("补回（%）", "Made up for (%)"), "right"),
    ]  # fmt: skip
    return Sheet(Words("失效时损失最多的在前", "The largest losses first"), columns, rows, [])
