"""An invitation as it is shown and printed: the QR as one path of an SVG, and what the patient does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final

import segno

#: Light modules around the dark ones that every reader wants (ISO/IEC 18004).
QUIET_ZONE: Final = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """``path`` draws the dark modules in a square of ``size`` units; nothing in it needs a style."""

    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the patient reads, in one language."""

    language: str
    title: str
    for_caregiver: str
    steps: tuple[str, ...]


SHEETS: Final[Mapping[str, Sheet]] = MappingProxyType(
    {
        sheet.language: sheet
        for sheet in (
            Sheet(
                "en",
                "Join your diary",
                "You answer for somebody you care for. The clinic sees that the answers come from you.",
                (
                    "Hold the camera of your phone over the square. Tap the link that appears.",
                    "No camera? Open {address} on your phone and type the code.",
                    "Tap Join.",
                    "The code is good for 10 minutes, the square for 24 hours. One of them works, once.",
                ),
            ),
            Sheet(
                "es",
                "Entre en su diario",
                "Usted contesta por una persona a la que cuida. La clínica ve que las respuestas son suyas.",
                (
                    "Apunte con la cámara de su teléfono al cuadrado. Toque el enlace que aparece.",
                    "¿Sin cámara? Abra {address} en su teléfono y escriba el código.",
                    "Toque «Entrar».",
                    "El código vale 10 minutos; el cuadrado, 24 horas. Solo vale uno de los dos, y una vez.",
                ),
            ),
            Sheet(
                "de",
                "Zu Ihrem Tagebuch",
                "Sie antworten für jemanden, den Sie betreuen. Die Klinik sieht, dass Sie es sind.",
                (
                    "Halten Sie die Kamera Ihres Handys über das Quadrat. Tippen Sie auf den Link.",
                    "Keine Kamera? Öffnen Sie {address} auf Ihrem Handy und tippen Sie den Code ein.",
                    "Tippen Sie auf „Beitreten“.",
                    "Der Code gilt 10 Minuten, das Quadrat 24 Stunden. Eines von beiden geht, einmal.",
                ),
            ),
        )
    }
)


def sheet_of(language: str) -> Sheet:
    return SHEETS.get(language) or SHEETS["en"]


def steps_of(sheet: Sheet, *, address: str) -> list[str]:
    return [step.replace("{address}", address) for step in sheet.steps]


def qr_of(text: str) -> QrCode:
    """``text`` as a QR code that stands a quarter of damage and a poor print."""
    code = segno.make_qr(text, error="q", boost_error=False)
    rows = list(code.matrix_iter(border=QUIET_ZONE))
    runs = (f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _dark_runs(row))
    return QrCode(len(rows), "".join(runs))


def _dark_runs(row: Iterable[int]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many there are in a row."""
    runs, x = [], 0
    for dark, modules in groupby(row):
        length = len(list(modules))
        if dark:
            runs.append((x, length))
        x += length
    return runs
