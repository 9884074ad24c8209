"""The inspection form as people and programs see it: prefilled, on a page, on paper, as a row of a table, as JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from aedplan.errors import raise_faults

from .form import RESULTS, Answer, DeviceState, Form, Item, Language
from .values import canonical, has_failed, shown_value


def prefill(form: Form, state: DeviceState, on: date) -> dict[str, Answer]:
    """What the form shows before anybody types: the device as it was last seen.

    All is in order but what is known not to be: an open defect stays one, a date that has passed fails, and a date or
    reading that nobody has noted must be looked at.
    """
    return {item.id: _prefilled(item, state, on) for item in form.items}


def _prefilled(item: Item, state: DeviceState, on: date) -> Answer:
    value = state.values.get(item.id, "")
    if item.when and item.when not in state.has:
        return Answer("na")
    if item.id in state.open or has_failed(item, value, on):
        return Answer("fail", value)
    if item.value == "date" and not value:
        return Answer("not_checked")
    return Answer("ok", "green" if item.id == "status_indicator" else value)


def page_fields(form: Form, state: DeviceState, on: date, language: Language) -> list[dict[str, Any]]:
    """The form for a page: groups of items with question, prefilled answer, choices and limits."""
    answers = prefill(form, state, on)
    return [
        {
            "id": group.id,
            "label": group.zh if language == "zh" else group.en,
            "items": [_field(i, answers[i.id], language) for i in form.items if i.group == group.id],
        }
        for group in form.groups
    ]


def _field(item: Item, answer: Answer, language: Language) -> dict[str, Any]:
    return {
        "id": item.id,
        "label": item.label(language),
        "ask": item.ask(language),
        "severity": item.severity,
        "value_kind": item.value,
        "choices": [{"id": c.id, "label": c.zh if language == "zh" else c.en} for c in item.choices],
        "fails": list(item.fails),
        "least": item.least,
        "most": item.most,
        "photo": item.photo,
        "may_not_apply": bool(item.when),
        "result": answer.result,
        "value": answer.value,
    }


def printed(form: Form, answers: Mapping[str, Answer], language: Language) -> list[tuple[str, str, str, str, str]]:
    """The form as lines for paper: group, item, result, value, note; empty where there is no answer."""
    index = 0 if language == "zh" else 1
    groups = {group.id: (group.zh, group.en)[index] for group in form.groups}
    lines = []
    for item in form.items:
        answer = answers.get(item.id)
        result = RESULTS[answer.result][index] if answer else ""
        value = shown_value(item, answer.value, language) if answer else ""
        lines.append((groups[item.group], item.label(language), result, value, answer.note if answer else ""))
    return lines


def export_columns(form: Form, language: Language) -> list[tuple[str, str]]:
    """Key and header of each column of a table of checks: three for each item, in the form's order."""
    words = {"zh": ("结果", "数值", "备注"), "en": ("result", "value", "note")}[language]
    parts = ("result", "value", "note")
    return [
        (f"{item.id}.{part}", f"{item.label(language)}（{word}）" if language == "zh" else f"{item.en} ({word})")
        for item in form.items
        for part, word in zip(parts, words, strict=True)
    ]


def export_row(form: Form, answers: Mapping[str, Answer]) -> dict[str, str]:
    """The answers of a check by column key; `read_row` gives them back."""
    given = {item.id: answers.get(item.id) for item in form.items}
    return {
        f"{item}.{part}": getattr(answer, part) if answer else ""
        for item, answer in given.items()
        for part in ("result", "value", "note")
    }


def read_row(form: Form, row: Mapping[str, str]) -> dict[str, Answer]:
    """The answers from a row of an exported table.

    Raises InputError naming every cell that holds no result or no value of its item.
    """
    answers, faults = {}, []
    for item in form.items:
        result = row.get(f"{item.id}.result", "")
        if not result:
            continue
        known = next((one for one in RESULTS if one == result), None)
        if known is None:
            faults.append(f"{item.id}.result: {result!r}; expected {', '.join(RESULTS)}")
            continue
        try:
            value = canonical(item, row.get(f"{item.id}.value", ""))
        except ValueError as error:
            faults.append(f"{item.id}.value: {error.args[-1]}")
            continue
        answers[item.id] = Answer(known, value, row.get(f"{item.id}.note", ""))
    raise_faults(faults)
    return answers


def as_json(answers: Mapping[str, Answer]) -> dict[str, dict[str, str]]:
    """The answers as the records keep them: {item: {"result": ..., "value": ..., "note": ...}}, empty words left out.

    >>> as_json({"casing": Answer("ok")})
    {'casing': {'result': 'ok'}}
    """
    return {item: {name: text for name, text in vars(answer).items() if text} for item, answer in answers.items()}


def from_json(items: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
    """The answers from what the records keep."""
    return {item: Answer(**kept) for item, kept in items.items()}
