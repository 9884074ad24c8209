"""Photos of the demo county's devices: a cabinet on a wall, drawn by code, so that they show nobody's place."""

import io
from functools import partial
from typing import TYPE_CHECKING, Any

from aedplan.look import colour

from ..records.attachments import attach, take
from ..tables import Device

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from .records import County

SIZE = (960, 720)
WITHOUT = {"D04", "D12"}
"""Of some devices nobody has taken a photo: pages must be good without one."""

_WALLS = ("#E9E4DA", "#DDE5E8", "#E6E9DD", "#ECE1DE")
_FLOORS = ("#B9AE9C", "#A3AEB3", "#AEB49E", "#BBA7A1")
_METAL, _GLASS, _SHADE, _CASE, _SEAL, _LAMP = "#F7F8F7", "#C9DAD6", "#00000022", "#F2C14E", "#A8323A", "#D9822B"


def tell_photos(county: "County") -> None:
    """Have the office add a photo to nearly every device, the day after it was put up."""
    for number, given in enumerate(county.story["device"]):
        if given["id"] not in WITHOUT:
            county.then(given["installed"] - 1, "office", partial(_add_photo, county, given, number))


def _add_photo(county: "County", given: dict[str, Any], number: int) -> None:
    device = county.session.get_one(Device, county.ids[given["id"]])
    file = take("photo", draw(number, opening=device.cabinet_access or "open"), "")
    checksum = county.keep(file.content)
    attach(county.session, file, checksum, kind="photo", name="机柜.jpg", device_id=device.id)


def draw(number: int, *, opening: str) -> bytes:
    """A drawn cabinet as a JPEG.

    number   chooses the wall, and what stands beside the cabinet
    opening  how the cabinet is opened: an alarm has a lamp, a seal a tag, a scan a screen
    """
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", SIZE, _WALLS[number % len(_WALLS)])
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rectangle((0, 600, 960, 720), fill=_FLOORS[number % len(_FLOORS)])
    pen.rectangle((0, 588, 960, 600), fill=_METAL)
    left = (300, 360, 420)[number % 3]
    _BESIDE[number % len(_BESIDE)](pen, left)
    _cabinet(pen, left, opening)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()


def _cabinet(pen: "ImageDraw", left: int, opening: str) -> None:
    """A cabinet with a sign above it, a window in its door, and the device behind that."""
    right = left + 260
    _sign(pen, left + 70, 60, 120)
    pen.rounded_rectangle((left + 12, 222, right + 12, 562), 18, fill=_SHADE)
    pen.rounded_rectangle((left, 210, right, 550), 18, fill=_METAL, outline=colour("closed"), width=4)
    pen.rectangle((left, 228, right, 276), fill=colour("sign"))
    _letters(pen, (left + right) // 2, 252, 40)
    pen.rounded_rectangle((left + 34, 300, right - 34, 520), 12, fill=_GLASS, outline=colour("closed"), width=3)
    pen.rounded_rectangle((left + 70, 350, right - 70, 500), 16, fill=_CASE, outline=colour("ink"), width=3)
    pen.arc((left + 105, 322, right - 105, 380), 180, 360, fill=colour("ink"), width=7)
    _sign(pen, left + 98, 390, 64)
    pen.polygon(((left + 50, 300), (left + 90, 300), (left + 60, 400), (left + 38, 400)), fill="#FFFFFF66")
    pen.rounded_rectangle((right - 26, 390, right - 14, 450), 5, fill=colour("ink"))
    if opening == "alarm":
        pen.pieslice((left + 105, 180, left + 155, 240), 180, 360, fill=_LAMP)
    elif opening == "seal":
        pen.line((right - 20, 450, right - 36, 486), fill=_SEAL, width=6)
        pen.rectangle((right - 52, 484, right - 26, 508), fill=_SEAL)
    elif opening == "scan":
        pen.rounded_rectangle((left + 34, 526, left + 94, 544), 4, fill=colour("ink"))


def _sign(pen: "ImageDraw", left: int, top: int, size: int) -> None:
    """The sign of a device: a white heart with a bolt on green."""
    unit = size / 32
    pen.rounded_rectangle((left, top, left + size, top + size), 3 * unit, fill=colour("sign"))
    mark, ground = colour("sign-mark"), colour("sign")
    for x in (6, 15.5):
        pen.ellipse([left + x * unit, top + 6 * unit, left + (x + 10.5) * unit, top + 16.5 * unit], fill=mark)
    heart = ((6.9, 14.2), (16, 9.5), (25.1, 14.2), (16, 26))
    bolt = ((17.5, 9.5), (11.5, 17.2), (15.3, 17.2), (13.8, 23), (20.3, 14.8), (16.3, 14.8))
    for points, filled in ((heart, mark), (bolt, ground)):
        pen.polygon([(left + x * unit, top + y * unit) for x, y in points], fill=filled)


def _letters(pen: "ImageDraw", x: int, y: int, size: int) -> None:
    from PIL import ImageFont

    pen.text((x, y), "AED", fill=colour("sign-mark"), font=ImageFont.load_default(size), anchor="mm")


def _plant(pen: "ImageDraw", left: int) -> None:
    x = left - 170
    pen.polygon(((x, 560), (x + 100, 560), (x + 84, 680), (x + 16, 680)), fill="#8C6A52")
    for lean, height in ((-60, 330), (-24, 270), (20, 250), (62, 310), (100, 360)):
        pen.polygon(((x + 40, 560), (x + 62, 560), (x + 50 + lean, height)), fill=("#4E7A5A", "#5F8D69")[lean % 4 == 0])


def _door(pen: "ImageDraw", left: int) -> None:
    x = left + 340
    pen.rectangle((x, 120, x + 230, 620), fill="#9FB0B5", outline=colour("closed"), width=6)
    pen.rectangle((x + 24, 150, x + 206, 400), fill="#D7E3E4")
    pen.rounded_rectangle((x + 14, 420, x + 30, 490), 6, fill=colour("ink"))


def _desk(pen: "ImageDraw", left: int) -> None:
    pen.rectangle((0, 470, left - 60, 500), fill="#7C6654")
    pen.rectangle((0, 500, left - 90, 690), fill="#A58A72")
    pen.rounded_rectangle((40, 360, 180, 460), 8, fill=colour("ink"))
    pen.rectangle((100, 460, 120, 472), fill=colour("ink"))


def _window(pen: "ImageDraw", left: int) -> None:
    x = 40 if left > 320 else 620
    pen.rectangle((x, 110, x + 230, 400), fill="#BFD8E6", outline=_METAL, width=12)
    pen.line((x + 115, 110, x + 115, 400), fill=_METAL, width=8)
    pen.line((x, 250, x + 230, 250), fill=_METAL, width=8)


_BESIDE = (_plant, _door, _desk, _window)
