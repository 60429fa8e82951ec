import pytest

from tests.reading_age import (
    LONGEST_LABEL,
    LONGEST_SENTENCE,
    YEAR_LIMIT,
    Counts,
    Sentence,
    complaints,
    crawford,
    flesch_kincaid,
    school_year,
    sentences_in,
    syllables,
    texts_in,
    wiener_sachtextformel,
)

# Counted by ear: words by their number of syllables.
COUNTED = {
    "en": {
        1: "the hours worse time walked phone",
        2: "today number clinic over answer only open people little needed entry table trial every special",
        3: "average medicine diary idea area",
        4: "stimulation emergency",
    },
    "es": {
        1: "y que hoy",
        2: "dolor usted día agua ayer peor pierna siete uno",
        3: "ahora clínica oído número área espalda izquierda respuesta guitarra",
        4: "emergencia teléfono",
        5: "estimulación",
    },
    "de": {
        1: "ein Schmerz Knie",
        2: "Schmerzen heute aber über oder Durchschnitt Klinik Antwort Ihre Abend Notruf Ruhe sehen",
        3: "Tagebuch Einträge",
        4: "vorstellbare",
        5: "Medikamente",
    },
}
# Leaflets of the kind that a diary must not sound like.
HARD = {
    "en": "Participants experiencing significant deterioration should immediately discontinue stimulation. "
    "Neurological complications necessitate urgent professional evaluation.",
    "es": "Los participantes que experimenten deterioro significativo interrumpirán inmediatamente el "
    "tratamiento. Las complicaciones neurológicas requieren evaluación profesional especializada inmediata.",
    "de": "Teilnehmende mit wesentlicher Verschlechterung unterbrechen unverzüglich die Stimulation. "
    "Neurologische Komplikationen erfordern umgehende fachärztliche Untersuchung.",
}
EASY = {
    "en": "How well did you sleep? Choose one number. Then save it, and you are done for today.",
    "es": "¿Cómo durmió anoche? Elija un número. Luego guarde, y ya está por hoy.",
    "de": "Wie gut haben Sie geschlafen? Wählen Sie eine Zahl. Dann sind Sie für heute fertig.",
}


class TestSyllables:
    @pytest.mark.parametrize("language", COUNTED)
    def test_they_are_those_of_the_ear_give_or_take_one_in_twenty(self, language: str) -> None:
        heard = {word: number for number, words in COUNTED[language].items() for word in words.split()}
        found = {word: syllables(word, language=language) for word in heard}
        off = {word: (found[word], heard[word]) for word in heard if found[word] != heard[word]}

        assert sum(abs(one - other) for one, other in off.values()) <= sum(heard.values()) / 20, off

    def test_a_number_is_one(self) -> None:
        assert syllables("24", language="en") == 1


class TestFormulas:
    """The published arithmetic on ten words in two sentences, eight of one syllable and two of four."""

    counts = Counts(sentences=2, syllables=(1,) * 8 + (4,) * 2, lengths=(3,) * 7 + (7, 9, 9))

    def test_flesch_kincaid(self) -> None:
        assert flesch_kincaid(self.counts) == pytest.approx(0.39 * 10 / 2 + 11.8 * 16 / 10 - 15.59)

    def test_crawford(self) -> None:
        assert crawford(self.counts) == pytest.approx(-0.205 * 20 + 0.049 * 160 - 3.407)

    def test_the_first_wiener_sachtextformel(self) -> None:
        expected = 0.1935 * 20 + 0.1672 * 5 + 0.1297 * 30 - 0.0327 * 80 - 0.875

        assert wiener_sachtextformel(self.counts) == pytest.approx(expected)


class TestSentences:
    def test_every_text_is_found_with_its_path(self) -> None:
        texts = {"title": "Diary", "consent": {"paragraphs": ["One.", "Two."]}}

        assert list(texts_in(texts)) == [
            ("title", "Diary"),
            ("consent.paragraphs.0", "One."),
            ("consent.paragraphs.1", "Two."),
        ]

    def test_they_end_with_a_mark_and_labels_do_not(self) -> None:
        found = sentences_in({"a": "How are you? At 18:00 we ask 0.5 more.", "b": "Left leg"})

        assert [(part.text, part.is_label) for part in found] == [
            ("How are you?", False),
            ("At 18:00 we ask 0.5 more.", False),
            ("Left leg", True),
        ]

    def test_a_placeholder_is_one_word(self) -> None:
        assert Sentence("a", "Your goal: {goal}.").words == ["Your", "goal", "0"]


@pytest.mark.parametrize("language", HARD)
class TestComplaints:
    def test_plain_words_get_none(self, language: str) -> None:
        assert complaints({"a": EASY[language]}, language=language) == []

    def test_a_leaflet_is_too_hard_as_a_whole(self, language: str) -> None:
        found = complaints({"a": HARD[language]}, language=language)

        assert school_year(sentences_in({"a": HARD[language]}), language=language) > YEAR_LIMIT
        assert "the text as a whole" in found[-1]

    def test_the_sentence_is_named_with_the_words_to_replace(self, language: str) -> None:
        key, first = "help", sentences_in({"help": HARD[language]})[0]
        found = complaints({"easy": EASY[language] * 5, key: first.text}, language=language)

        assert len(found) == 1, "Plain text around it makes the whole easy; the sentence stays hard."
        assert found[0].startswith(key)
        assert first.text in found[0]
        assert "Find shorter words for " in found[0]

    def test_labels_do_not_make_a_text_look_easy(self, language: str) -> None:
        labels = {f"label {number}": "OK" for number in range(100)}

        assert complaints(labels | {"a": HARD[language]}, language=language) == complaints(
            {"a": HARD[language]}, language=language
        )

    def test_length_counts_even_when_every_word_is_short(self, language: str) -> None:
        long, longer = "la " * LONGEST_SENTENCE + ".", "la " * LONGEST_SENTENCE + "la."
        label = "la " * LONGEST_LABEL

        assert not any(
            "words, at most" in said for said in complaints({"a": long, "b": label}, language=language)
        )
        assert "19 words, at most 18" in complaints({"a": longer}, language=language)[0]
        assert "15 words, at most 14 in a label" in complaints({"b": label + "la"}, language=language)[0]
