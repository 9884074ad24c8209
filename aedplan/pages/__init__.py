"""The templates, styles and scripts of the map and the report.

Every value put into them is escaped unless it says that it is HTML.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent

_UNSAFE_IN_SCRIPTS = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def script_json(value: object) -> str:
    """A value as JSON that can stand inside a script element, whatever its texts hold.

    >>> script_json(["</script>"])
    '["\\\\u003c/script\\\\u003e"]'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE_IN_SCRIPTS)


def read(name: str) -> str:
    """One of the files beside this module, as text."""
    return (HERE / name).read_text(encoding="utf-8")


def render(name: str, **values: Any) -> str:
    """A template filled in.

    Values with `__html__` go in as they are; so do style, script and what is named _svg or _html: our own files and
    charts, which escape what they are given. The rest is escaped.
    """
    from markupsafe import Markup

    trusted = {
        key: Markup(value)
        for key, value in values.items()
        if key in ("style", "script") or key.endswith(("_svg", "_html"))
    }
    return environment().get_template(name).render({**values, **trusted})


@cache
def environment() -> "Environment":
    """The one template engine: escapes everything, refuses names that are not given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
