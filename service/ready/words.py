"""Why a device is ready or not, in Chinese and English words."""

from datetime import date

from ..inspections.form import shipped_form

PARTS = {
    "pads_adult": ("成人电极片", "adult pads"),
    "pads_child": ("儿童电极片", "child pads"),
    "pads_universal": ("通用电极片", "universal pads"),
    "battery": ("电池", "battery"),
}
CABINETS = {
    "locked": ("上锁", "locked"),
    "scan": ("须扫码开启", "opened by scanning a code"),
    "code": ("须密码开启", "opened with a code"),
}
REPORTS = {
    "missing": ("设备不在", "device not there"),
    "moved": ("设备已移位", "device moved"),
    "closed": ("场所不开放", "place closed"),
    "broken": ("设备损坏", "device broken"),
    "used": ("设备已被取用", "device taken"),
    "wrong_info": ("信息有误", "wrong information"),
    "new_aed": ("另有设备", "another device"),
}
WORDS = {
    "lifecycle_planned": ("尚未安装", "not installed yet"),
    "lifecycle_installed": ("已安装，尚未启用", "installed, not yet in service"),
    "lifecycle_out_of_service": ("已停用", "out of service"),
    "lifecycle_in_use": ("已被取用，尚未归位", "taken for use, not yet back"),
    "lifecycle_missing": ("设备不在原处", "device missing"),
    "lifecycle_retired": ("已报废", "retired"),
    "no_part": ("没有{about}的记录", "no {about} on record"),
    "no_expiry": ("{about}没有有效期记录", "{about}: no expiry date on record"),
    "expires": ("{about}将于 {day} 到期", "{about}: last day of use is {day}"),
    "expired": ("{about}已于 {day} 到期", "{about}: expired, last day of use was {day}"),
    "never_checked": ("从未检查", "never checked"),
    "check_due": ("应检查，上次检查 {day}", "check due, last check {day}"),
    "check_overdue": ("检查逾期，上次检查 {day}", "check overdue, last check {day}"),
    "item_failed": ("上次检查不合格：{about}", "failed at the last check: {about}"),
    "defect_critical": ("严重缺陷未处理：{about}", "critical defect open: {about}"),
    "defect_major": ("缺陷未处理：{about}", "defect open: {about}"),
    "defect_minor": ("轻微缺陷未处理：{about}", "minor defect open: {about}"),
    "used": ("{day} 使用后尚未检查合格", "used on {day}, not yet checked in order"),
    "not_found": ("{day} 起两人报告未找到设备", "two people did not find it, since {day}"),
    "reported": ("公众报告（{day}）：{about}", "reported by the public ({day}): {about}"),
    "cabinet_locked": (
        "箱体{about}，不符合不上锁、不扫码的要求",
        "cabinet {about}, against the rule of no lock and no scan",
    ),
    "body_old": ("主机已过使用年限（{day}）", "past the maker's service life ({day})"),
}
"""`{about}` is a part, an item of the form, a kind of report or of cabinet."""


def reason_words(code: str, about: str, day: date | None) -> tuple[str, str]:
    """A reason in Chinese and English.

    >>> reason_words("expired", "battery", date(2026, 10, 1))
    ('电池已于 2026-10-01 到期', 'battery: expired, last day of use was 2026-10-01')
    """
    zh, en = WORDS[code]
    about_zh, about_en = _about(code, about)
    return zh.format(about=about_zh, day=day), en.format(about=about_en, day=day)


def _about(code: str, about: str) -> tuple[str, str]:
    for start, words in (("cabinet", CABINETS), ("reported", REPORTS)):
        if code.startswith(start):
            return words.get(about, (about, about))
    return PARTS.get(about) or item_words(about)


def item_words(item: str) -> tuple[str, str]:
    """An item of the form in Chinese and English; one that is no item, as it stands."""
    known = shipped_form().get(item)
    return (known.zh, known.en) if known else (item, item)
