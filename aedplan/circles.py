"""The rescue circle: the named, versioned rule for "in time".

No national standard defines the "4-minute circle"; definitions in use differ more than four times in area. So the rule is
a value with a name, printed on every output, never a hidden constant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .checks import unknown_key_faults
from .errors import InputError, raise_faults

Measure = Literal["street", "line"]


@dataclass(frozen=True)
class RescueCircle:
    """Who counts as reached in time.

    minutes           time allowed from setting out to arriving (trips = 1) or to being back (trips = 2)
    speed             metres per second on foot
    trips             1: from the device to the patient or the other way; 2: fetch it and come back
    start_delay_s     seconds lost before walking (understanding, deciding)
    device_delay_s    seconds from arriving with the device to the first shock
    vertical_delay_s  seconds lost on stairs and lifts, once per trip
    measure           "street": along walkable streets; "line": straight line
    radius_m          given only by rules that name a distance and no time; then it is the limit
    source            where the numbers come from, in English
    source_zh         the same in Chinese
    """

    name: str
    version: str
    minutes: float
    speed: float
    trips: int = 1
    start_delay_s: float = 0.0
    device_delay_s: float = 0.0
    vertical_delay_s: float = 0.0
    measure: Measure = "street"
    radius_m: float | None = None
    source: str = ""
    source_zh: str = ""

    @property
    def limit_m(self) -> float:
        """Metres one way within which a point is reached in time.

        >>> round(circle("walk-4").limit_m), round(circle("fetch-4").limit_m), round(circle("shock-4").limit_m)
        (300, 198, 145)
        """
        return self.metres_within(self.minutes) if self.radius_m is None else self.radius_m

    def metres_within(self, minutes: float) -> float:
        """Metres one way that `minutes` allow under this rule; 0 when the delays use them up."""
        walking_s = minutes * 60 - self.start_delay_s - self.device_delay_s - self.trips * self.vertical_delay_s
        return max(0.0, walking_s * self.speed / self.trips)

    def minutes_for(self, metres: float) -> float:
        """Minutes that a walk of so many metres one way takes under this rule, trips and delays included.

        >>> circle("walk-4").minutes_for(150.0), round(circle("shock-4").minutes_for(144.9), 2)
        (2.0, 4.0)
        """
        delay_s = self.start_delay_s + self.device_delay_s + self.trips * self.vertical_delay_s
        return (self.trips * metres / self.speed + delay_s) / 60

    @property
    def words_zh(self) -> str:
        """The whole rule in one Chinese line, for titles and tables."""
        return _words(self, _ZH)

    @property
    def words_en(self) -> str:
        """The whole rule in one English line.

        >>> circle("walk-4").words_en
        'walk-4 (v1): 300 m along streets, one way, 4 min at 1.25 m/s'
        """
        return _words(self, _EN)


@dataclass(frozen=True)
class _Language:
    measure: dict[str, str]
    trips: dict[int, str]
    time: str
    delays: tuple[str, str, str]
    joint: str
    colon: str


_ZH = _Language(
    {"street": "沿街道 {:.0f} 米", "line": "直线 {:.0f} 米"},
    {1: "单程", 2: "往返"},
    "{minutes:g} 分钟\uff0c步速 {speed:g} 米/秒",
    ("起步 {:g} 秒", "到达后至首次电击 {:g} 秒", "上下楼每程 {:g} 秒"),
    "\uff0c",  # the full-width comma and colon of Chinese
    "\uff1a",
)
_EN = _Language(
    {"street": "{:.0f} m along streets", "line": "{:.0f} m in a straight line"},
    {1: "one way", 2: "there and back"},
    "{minutes:g} min at {speed:g} m/s",
    ("{:g} s to start", "{:g} s from arrival to first shock", "{:g} s for floors each trip"),
    ", ",
    ": ",
)


def _words(c: RescueCircle, words: _Language) -> str:
    parts = [words.measure[c.measure].format(c.limit_m)]
    if c.radius_m is None:
        parts += [words.trips[c.trips], words.time.format(minutes=c.minutes, speed=c.speed)]
        delays = (c.start_delay_s, c.device_delay_s, c.vertical_delay_s)
        parts += [text.format(seconds) for text, seconds in zip(words.delays, delays, strict=True) if seconds]
    return f"{c.name} (v{c.version}){words.colon}{words.joint.join(parts)}"


# The sources of the numbers stand beside them; ids never change their meaning: a changed rule gets a new version.
PRESETS: dict[str, RescueCircle] = {
    c.name: c
    for c in (
        RescueCircle(
            "walk-4", "1", minutes=4, speed=1.25,
            source="one way in 4 min at 1.25 m/s, the walking speed behind the 300 m of DB4403/T 318-2023",
            source_zh="4 分钟单程，步速 1.25 米/秒：深圳 DB4403/T 318-2023 中 300 米所依据的步行速度",
        ),
        RescueCircle(
            "fetch-4", "1", minutes=4, speed=1.65, trips=2,
            source="fetch and return from 200 m took 4.05 min, 1.65 m/s: Gramm 2025, doi 10.1080/10903127.2025.2475323",
            source_zh="实测从 200 米外取回用时 4.05 分钟，合 1.65 米/秒：Gramm 2025，doi 10.1080/10903127.2025.2475323",
        ),
        RescueCircle(
            "shock-4", "1", minutes=4, speed=1.8, trips=2, device_delay_s=79,
            source="1.8 m/s in dense areas: Jonsson 2020; 79 s from start to shock, untrained, median: RCT in"
            " Resuscitation, n=120",
            source_zh="人口密集地区施救者步速 1.8 米/秒：Jonsson 2020；未受训者从开机到电击 79 秒（中位数）："
            "随机对照试验，Resuscitation，120 人",
        ),
        RescueCircle(
            "sz-i-300", "1", minutes=4, speed=1.25, measure="line", radius_m=300,
            source="Shenzhen DB4403/T 318-2023, class I places: service radius <= 300 m, straight line",
            source_zh="深圳 DB4403/T 318-2023，Ⅰ类场所：服务半径不超过 300 米（直线）",
        ),
        RescueCircle(
            "sz-ii-600", "1", minutes=8, speed=1.25, measure="line", radius_m=600,
            source="Shenzhen DB4403/T 318-2023, class II places: service radius <= 600 m, straight line",
            source_zh="深圳 DB4403/T 318-2023，Ⅱ类场所：服务半径不超过 600 米（直线）",
        ),
        RescueCircle(
            "lit-100", "1", minutes=100 / 1.25 / 60, speed=1.25, measure="line", radius_m=100,
            source="100 m straight line, the usual coverage distance of the literature: Hansen 2013, Circulation 128:2224",
            source_zh="直线 100 米，文献中常用的覆盖距离：Hansen 2013，Circulation 128:2224",
        ),
        RescueCircle(
            "lit-100-street", "1", minutes=100 / 1.25 / 60, speed=1.25, radius_m=100,
            source="100 m along streets: Fan 2020, JAHA; Karlsson 2021",
            source_zh="沿街道 100 米：Fan 2020，JAHA；Karlsson 2021",
        ),
    )
}  # fmt: skip

SIDE_BY_SIDE = ("walk-4", "fetch-4", "sz-i-300")
"""The three circles every summary shows for the same plan, so that nobody sees only the kindest figure."""


def circle(name: str) -> RescueCircle:
    """The preset of that name.

    Raises InputError naming the presets when there is none of that name.
    """
    if name not in PRESETS:
        raise InputError(f"circle {name!r} is not known; known: {', '.join(PRESETS)}, or define one in the scenario")
    return PRESETS[name]


def define(table: Mapping[str, object], *, where: str = "circle") -> RescueCircle:
    """A rescue circle from a scenario's table: a preset's name alone, or a preset changed, or one of its own.

    A circle that changes any number of a preset must carry a name of its own.
    """
    fields = list(RescueCircle.__dataclass_fields__)
    raise_faults(unknown_key_faults(table, [*fields, "preset"], where))
    given = {"version": "1", **{k: v for k, v in table.items() if k != "preset"}}
    preset = table.get("preset")
    if preset is None and set(table) == {"name"}:
        return circle(str(table["name"]))
    base = circle(str(preset)) if preset is not None else None
    if "source" in given:
        given.setdefault("source_zh", given["source"])
    raise_faults(_define_faults(given, where, base is None))
    rule = replace(base, **given) if base else RescueCircle(**given)  # type: ignore[arg-type]
    if rule.limit_m <= 0:
        raise InputError(f"{where}: its delays use up all {rule.minutes:g} minutes; expected time left to walk")
    return rule


def _define_faults(given: dict[str, object], where: str, whole: bool) -> list[str]:
    faults = []
    for key, low in (("minutes", 0), ("speed", 0), ("radius_m", 0)):
        value = given.get(key)
        if value is not None and not (_is_number(value) and low < float(value) < 1e5):  # type: ignore[arg-type]
            faults.append(f"{where}.{key} is {value!r}; expected a number above {low}")
    for key in ("start_delay_s", "device_delay_s", "vertical_delay_s"):
        value = given.get(key, 0)
        if not (_is_number(value) and 0 <= float(value) < 1e5):  # type: ignore[arg-type]
            faults.append(f"{where}.{key} is {value!r}; expected seconds, 0 or more")
    if given.get("trips", 1) not in (1, 2) or isinstance(given.get("trips"), bool):
        faults.append(f"{where}.trips is {given['trips']!r}; expected 1 (one way) or 2 (there and back)")
    if given.get("measure", "street") not in ("street", "line"):
        faults.append(f'{where}.measure is {given["measure"]!r}; expected "street" or "line"')
    for key in ("name", "version", "source", "source_zh"):
        if not isinstance(given.get(key, ""), str):
            faults.append(f"{where}.{key} is {given[key]!r}; expected text in quotes")
    if given.get("name", "walk-4") in list(PRESETS):
        faults.append(f"{where}.name is {given.get('name')!r}; a circle of your own needs a name that no preset has")
    if whole:
        faults += [f"{where}.{key} is missing; expected a number" for key in ("minutes", "speed") if key not in given]
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
