"""How everything aedplan draws looks: the one table of colours and sizes, for maps, charts, reports and service pages.

A colour or a size typed anywhere else is a mistake. Each colour has one meaning and keeps it; no state is shown by
colour alone.
"""

from typing import NamedTuple


class Colour(NamedTuple):
    """A named colour, #RRGGBB on a light and on a dark screen, and the one thing it stands for."""

    name: str
    light: str
    dark: str
    meaning: str


COLOURS = (
    Colour("ink", "#14201B", "#E8F0EC", "text"),
    Colour("paper", "#FFFFFF", "#0F1613", "ground"),
    Colour("quiet", "#4A5650", "#AEBAB4", "text of second rank"),
    Colour("wash", "#F3F6F4", "#18211D", "ground of a panel, a table head, a field"),
    Colour("rule", "#D5DDD9", "#33403A", "thin lines between things"),
    Colour("aed", "#00663D", "#4CC38A", "a device that is usable now; the main button"),
    Colour("sign", "#00663D", "#00663D", "the AED sign, which is the same by day and night"),
    Colour("sign-mark", "#FFFFFF", "#FFFFFF", "heart and edge of the AED sign"),
    Colour("call", "#B3001B", "#FF8585", "the call-120 button and nothing else"),
    Colour("unsure", "#8A5A00", "#F2C14E", "not verified, expiring, estimate"),
    Colour("unsure-ground", "#FFF4D6", "#2E2610", "ground under unsure"),
    Colour("closed", "#5B6661", "#9AA6A0", "closed now, not ready, disabled"),
    Colour("plan", "#0B57A4", "#7FB2F0", "proposed sites and everything about a plan"),
    Colour("gap", "#C2500A", "#FFA15C", "demand that is not covered"),
    Colour("reach-1", "#0B6B4A", "#0B6B4A", "within the first half of the time"),
    Colour("reach-2", "#4FA37F", "#4FA37F", "within the third quarter of the time"),
    Colour("reach-3", "#A9D5BE", "#A9D5BE", "within the last quarter of the time"),
    Colour("map-ground", "#F8FAF8", "#0C1210", "land on a map"),
    Colour("map-street", "#D0D8D4", "#35423C", "streets on a map"),
    Colour("map-road", "#C3CDC8", "#46554E", "large roads on a map"),
    Colour("map-water", "#D6E6F0", "#183040", "water on a map"),
    Colour("map-green", "#E6F1E4", "#12201A", "parks and woods on a map"),
    Colour("map-name", "#5A6861", "#8E9B95", "names on a map"),
    Colour("map-water-name", "#3A6581", "#7FA8C2", "names of rivers and lakes on a map"),
    Colour("map-building", "#EAEDEB", "#1A2320", "buildings on a map"),
)

SIZES = {
    "step-1": "16px",
    "step-2": "18px",
    "step-3": "22px",
    "step-4": "28px",
    "step-5": "36px",
    "map-step": "14px",
    "space": "4px",
    "touch": "48px",
    "corner": "8px",
    "shadow": "0 1px 4px rgb(0 0 0 / 25%)",
    "line-height": "1.5",
    "sans": 'system-ui, -apple-system, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", '
    '"Source Han Sans SC", sans-serif',
}

ONE_COLUMN_PX = 640
"""Up to this width a page is one column and its text a step larger."""


def colour(name: str, *, dark: bool = False) -> str:
    """The #RRGGBB of a token, for what cannot read style variables.

    >>> colour("plan"), colour("plan", dark=True)
    ('#0B57A4', '#7FB2F0')
    """
    token = next(token for token in COLOURS if token.name == name)
    return token.dark if dark else token.light


def css_variables() -> str:
    """The table as CSS custom properties, `--ink` and so on; dark where the screen asks for it, never on paper.

    >>> "--aed: #00663D;" in css_variables()
    True
    """
    light = [f"--{token.name}: {token.light};" for token in COLOURS]
    dark = [f"--{token.name}: {token.dark};" for token in COLOURS if token.dark != token.light]
    sizes = [f"--{name}: {value};" for name, value in SIZES.items()]
    return "\n".join(
        [
            f":root {{ color-scheme: light dark; --body: var(--step-2); {' '.join(light + sizes)} }}",
            f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {' '.join(dark)} }} }}",
            f"@media (min-width: {ONE_COLUMN_PX + 1}px), print {{ :root {{ --body: var(--step-1); }} }}",
        ]
    )


AED_SIGN = (
    '<symbol id="aed-sign" viewBox="0 0 32 32">'
    '<rect x="1" y="1" width="30" height="30" rx="5" fill="var(--sign)" stroke="var(--sign-mark)" stroke-width="2"/>'
    '<path d="M16 27 6.5 17.2C3.4 14 3.9 9.4 7.1 7.5 10.2 5.7 14.1 6.7 16 10.2'
    ' 17.9 6.7 21.8 5.7 24.9 7.5 28.1 9.4 28.6 14 25.5 17.2Z" fill="var(--sign-mark)"/>'
    '<path d="M18.4 8.5 11.4 17.1H15.3L13.4 24.1 20.8 14.6H16.6Z" fill="var(--sign)"/>'
    "</symbol>"
)
"""The sign of a device, after ISO 7010 E010: white heart with a bolt on green; shown by `<use href="#aed-sign"/>`."""


def sign_symbol(address: str | None = None) -> str:
    """The symbol that `<use href="#aed-sign"/>` shows: the AED sign, or the picture at a data address in its place.

    >>> sign_symbol("data:image/png;base64,AA==")
    '<symbol id="aed-sign" viewBox="0 0 32 32"><image href="data:image/png;base64,AA==" width="32" height="32"/></symbol>'
    """
    if address is None:
        return AED_SIGN
    return f'<symbol id="aed-sign" viewBox="0 0 32 32"><image href="{address}" width="32" height="32"/></symbol>'
