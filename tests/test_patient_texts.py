"""What patients read, wherever it stands: the same in every language, plain, and without a tone."""

import json
import re
from pathlib import Path

import pytest

from tests.reading_age import complaints, texts_in
from tests.test_repository import ROOT

FOLDERS = {
    "wording": ROOT / "apps/diary/static/diary/wording",
    "messages": ROOT / "apps/patient_app/static/patient_app/messages",
}
LANGUAGES = ("en", "es", "de")
# Codes and a language's own name: no text to read.
NOT_TEXT = {"language", "name", "consent.version"}

# An answer deserves neither: praise for a score steers the next one, and a missed day must not shame.
PRAISE_AND_SHAME = {
    "en": r"great|well done|good (?:job|work)|nice work|congratulations|bravo|excellent|perfect|awesome|"
    r"proud|keep it up|fail(?:ed|ure)?|forg[eo]t(?:ten)?|missed|lazy|shame|disappoint\w*|should have|"
    r"your fault|streak",
    "es": r"bien hecho|buen trabajo|excelente|felicidades|enhorabuena|bravo|genial|perfecto|siga así|"
    r"orgullos\w+|olvid\w+|falló|fracas\w+|culpa|vergüenza|debería haber|decepci\w+|racha",
    "de": r"toll|super|prima|klasse|bravo|glückwunsch|gut gemacht|weiter so|perfekt|ausgezeichnet|"
    r"hervorragend|stolz|vergessen|vergaßen|versäumt|verpasst|versagt|schuld|schade|enttäusch\w+|"
    r"hätten sollen|serie",
}
# Spanish says usted and German Sie; English has one word for both.
TOO_FAMILIAR = {
    "en": r"(?!)",
    "es": r"tú|tu|tus|te|ti|contigo|tuy[oa]s?",
    "de": r"du|dich|dir|dein\w*|euch|euer|eure\w*",
}
# Anybody may see a locked screen. The beginnings of words.
ABOUT_HEALTH = {
    "en": r"pain|health|clinic|medic|treat|stimul|trial|symptom|doctor|hospital|patient|sleep|score|wound",
    "es": r"dolor|salud|clínica|médic|medic|trata|estimul|prueba|síntoma|doctor|hospital|pacient|herida",
    "de": r"schmerz|gesund|klinik|medi|behandl|stimul|test|symptom|arzt|ärzt|krank|patient|schlaf|wunde",
}
# From licensed questionnaires, whose owners allow no reproduction.
OF_LICENSED_ITEMS = {
    "en": r"as bad as you can imagine|please rate your pain|best describes your pain|interfer\w+|"
    r"how much relief have|in the past 7 days|your health today",
    "es": r"tan malo como|el peor dolor que se pueda imaginar|evalúe su dolor|describa mejor su dolor|"
    r"interfer\w+|en los últimos 7 días|su salud hoy",
    "de": r"so schlimm,? wie|kreuzen Sie die Zahl|am besten beschreibt|beeinträchtig\w+|"
    r"in den letzten 7 Tagen|ihre gesundheit heute",
}


def texts_of(path: Path) -> dict[str, str]:
    parsed = json.loads(path.read_text(encoding="utf-8"))
    return {key: text for key, text in texts_in(parsed) if key not in NOT_TEXT}


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w*\}", text))


def that_say(texts: dict[str, str], pattern: str) -> dict[str, str]:
    return {key: text for key, text in texts.items() if re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)}


@pytest.mark.parametrize("folder", FOLDERS)
class TestInEveryLanguage:
    def test_there_is_a_file_each_and_no_other(self, folder: str) -> None:
        assert {path.stem for path in FOLDERS[folder].glob("*.json")} == set(LANGUAGES)

    @pytest.mark.parametrize("language", ["es", "de"])
    def test_the_same_texts_stand_in_the_same_order(self, folder: str, language: str) -> None:
        english, other = (list(texts_of(FOLDERS[folder] / f"{name}.json")) for name in ("en", language))

        assert set(english) ^ set(other) == set(), "Write each text in every language."
        assert english == other

    @pytest.mark.parametrize("language", ["es", "de"])
    def test_the_same_placeholders_are_filled(self, folder: str, language: str) -> None:
        english, other = (texts_of(FOLDERS[folder] / f"{name}.json") for name in ("en", language))
        differing = {
            key: text for key, text in other.items() if placeholders(text) != placeholders(english[key])
        }

        assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", FOLDERS)
class TestPlainWords:
    @pytest.fixture
    def texts(self, folder: str, language: str) -> dict[str, str]:
        return texts_of(FOLDERS[folder] / f"{language}.json")

    def test_a_reader_of_nine_to_eleven_understands_them(self, texts: dict[str, str], language: str) -> None:
        assert complaints(texts, language=language) == []

    def test_nothing_is_empty_or_untidy(self, texts: dict[str, str]) -> None:
        untidy = {key: text for key, text in texts.items() if not text or text != " ".join(text.split())}

        assert untidy == {}

    def test_nobody_shouts(self, texts: dict[str, str]) -> None:
        assert {key: text for key, text in texts.items() if re.search("[!¡]", text)} == {}

    def test_nobody_praises_or_shames(self, texts: dict[str, str], language: str) -> None:
        assert that_say(texts, PRAISE_AND_SHAME[language]) == {}, (
            "Say what is so, and nothing about the person."
        )

    def test_patients_are_addressed_as_adults(self, texts: dict[str, str], language: str) -> None:
        assert that_say(texts, TOO_FAMILIAR[language]) == {}

    def test_no_text_comes_from_a_licensed_questionnaire(self, texts: dict[str, str], language: str) -> None:
        assert that_say(texts, OF_LICENSED_ITEMS[language]) == {}, "Write the question in our own words."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_tells_a_stranger_nothing_of_an_illness(language: str) -> None:
    texts = texts_of(FOLDERS["wording"] / f"{language}.json")
    reminder = {key: text for key, text in texts.items() if key.startswith("reminder.")}

    assert len(reminder) == 5
    assert that_say(reminder, rf"(?:{ABOUT_HEALTH[language]})\w*") == {}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (PRAISE_AND_SHAME["en"], "Well done, it is saved."),
        (PRAISE_AND_SHAME["es"], "Se le olvidó el martes."),
        (PRAISE_AND_SHAME["de"], "Sie haben einen Tag verpasst."),
        (TOO_FAMILIAR["es"], "¿Cómo está tu espalda?"),
        (TOO_FAMILIAR["de"], "Wie geht es dir?"),
        (rf"(?:{ABOUT_HEALTH['en']})\w*", "Your clinic asks for today's entry."),
        (OF_LICENSED_ITEMS["en"], "Pain as bad as you can imagine"),
    ],
)
def test_the_rules_see_what_they_should(pattern: str, said: str) -> None:
    assert that_say({"a": said, "b": "OK"}, pattern) == {"a": said}
