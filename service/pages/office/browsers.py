"""What a browser calls itself, in words that a person knows it by."""

from ..catalog import Translate
from .words import message as _

PROGRAMS = (
    ("MicroMessenger", _("微信")), ("Edg", "Edge"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
"""By what stands in the name, the telling ones first: Edge calls itself Chrome, too, and Chrome Safari."""

SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_words(agent: str, say: Translate) -> str:
    """Program and system of a browser; of one that is not known the first word it says of itself.

    >>> browser_words("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", str)
    'Chrome · Linux'
    >>> browser_words("curl/8.5", str), browser_words("", str)
    ('curl', '—')
    """
    program, system = (next((word for key, word in words if key in agent), "") for words in (PROGRAMS, SYSTEMS))
    known = " · ".join(say(word) if word == "微信" else word for word in (program, system) if word)
    return known or agent.partition("/")[0].strip()[:40] or "—"
