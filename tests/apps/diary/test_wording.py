import json

import pytest

from apps.diary.wording import (
    DEFAULT,
    FOLDER,
    LANGUAGES,
    PSEUDO,
    body_words,
    pick_language,
    pseudo_text,
    question_wording,
    region_label,
    wording,
)
from sctrial.checklist import BODY_REGIONS
from sctrial.questions import QUESTIONS, Form
from sctrial.scales import ScoreKind

SCORES = {f"target.{kind.value}" for kind in ScoreKind} | {"other.average"}
REGIONS = {
    *("back", "left_leg", "right_leg", "left_foot", "right_foot", "left_arm", "right_arm", "neck", "groin"),
    *("knee", "abdomen", "chest", "head", "overall", "wound"),
}
EVERY = pytest.mark.parametrize("language", [*LANGUAGES, PSEUDO])


@EVERY
class TestQuestions:
    def test_each_has_its_words_and_there_are_no_others(self, language: str) -> None:
        assert set(wording(language).questions) == SCORES | set(QUESTIONS)

    @pytest.mark.parametrize("code", QUESTIONS)
    def test_each_choice_has_its_label_in_the_order_of_the_table(self, language: str, code: str) -> None:
        asked = question_wording(code, language=language)

        assert tuple(asked.get("choices", {})) == QUESTIONS[code].choices
        assert len(set(asked.get("choices", {}).values())) == len(QUESTIONS[code].choices)

    def test_numbers_have_words_at_both_ends_and_nothing_else_has(self, language: str) -> None:
        ends = {key for key, asked in wording(language).questions.items() if {"low", "high"} <= set(asked)}
        one_end = {key for key, asked in wording(language).questions.items() if {"low", "high"} & set(asked)}

        assert ends == one_end
        assert ends == SCORES | {code for code, one in QUESTIONS.items() if one.form is Form.NUMBER}

    def test_the_ends_of_the_pain_scale_are_the_same_for_every_score(self, language: str) -> None:
        scores = [wording(language).questions[key] for key in SCORES]

        assert len({(asked["low"], asked["high"]) for asked in scores}) == 1

    @pytest.mark.parametrize(
        ("placeholder", "keys"),
        [
            ("{area}", SCORES - {"other.average"}),
            ("{region}", {"other.average"}),
            ("{goal}", {"goal_activity"}),
        ],
    )
    def test_only_those_that_need_it_have_a_placeholder(
        self, language: str, placeholder: str, keys: set[str]
    ) -> None:
        asked = wording(language).questions

        assert {key for key in asked if placeholder in json.dumps(asked[key])} == keys

    def test_none_is_left_when_it_is_shown(self, language: str) -> None:
        shown = [
            question_wording(key, language=language, area="back", goal="walk", region="knee")
            for key in wording(language).questions
        ]

        assert "{" not in "".join(asked["text"] + asked["help"] for asked in shown)


class TestClinicsOwnWords:
    def test_they_stand_in_the_question(self) -> None:
        asked = question_wording("target.average", language="de", area="unterer Rücken")

        assert asked["text"].endswith("Es geht um: unterer Rücken.")

    def test_they_bring_no_second_full_stop(self) -> None:
        asked = question_wording("goal_activity", language="en", goal="Walk to the bakery. ")

        assert asked["text"].startswith("Your goal: Walk to the bakery. How")

    @pytest.mark.parametrize("words", ["{goal}", "{area}", "{0}", "\\1", "{region", "%s"])
    def test_what_looks_like_a_placeholder_is_text(self, words: str) -> None:
        asked = question_wording("target.average", language="en", area=words, goal="secret", region="knee")

        assert asked["text"].endswith(f"This is about: {words}.")

    def test_they_leave_nothing_behind_for_the_next_patient(self) -> None:
        question_wording("target.average", language="en", area="one person's back")

        assert "{area}" in wording("en").questions["target.average"]["text"]


class TestRegions:
    @EVERY
    def test_each_has_a_label(self, language: str) -> None:
        assert set(wording(language).regions) == REGIONS

    @EVERY
    def test_each_of_the_body_map_has_a_label_in_its_order(self, language: str) -> None:
        assert list(wording(language).body) == list(BODY_REGIONS)
        assert body_words(["foot_left", "head"], language=language) == [
            wording(language).body["head"],
            wording(language).body["foot_left"],
        ]

    def test_the_question_names_it_in_the_patients_language(self) -> None:
        asked = question_wording("other.average", language="es", region="left_leg")

        assert asked["text"].endswith("Se trata de: pierna izquierda.")

    def test_a_region_of_the_clinics_own_is_named_by_its_code(self) -> None:
        assert region_label("tail_bone", language="de") == "tail bone"


class TestLanguages:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_file_is_what_its_name_says(self, language: str) -> None:
        texts = wording(language)

        assert (texts.language, texts.name, texts.direction) == (language, LANGUAGES[language], "ltr")

    @EVERY
    def test_all_agree_to_the_same_version(self, language: str) -> None:
        assert wording(language).consent["version"] == "diary-consent/1"

    @EVERY
    def test_the_consent_says_that_this_is_no_medical_device(self, language: str) -> None:
        assert " CE" in wording(language).consent["paragraphs"][-1]

    @pytest.mark.parametrize("language", ["fr", "", "../en", "EN"])
    def test_there_is_no_other(self, language: str) -> None:
        with pytest.raises(KeyError):
            wording(language)


class TestPseudoLanguage:
    def test_it_runs_from_right_to_left(self) -> None:
        assert wording(PSEUDO).direction == "rtl"
        assert wording(PSEUDO).safety["title"].startswith("\u200f")

    def test_each_sentence_stands_between_arabic_letters(self) -> None:
        mark = "\u200f"
        expected = f"{mark}ابجد How? هوز{mark} {mark}ابجد {{goal}} 0.5 now. هوز{mark}"

        assert pseudo_text("How? {goal} 0.5 now.") == expected

    def test_it_has_the_texts_of_english_and_no_file(self) -> None:
        english = json.loads((FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8"))

        assert wording(PSEUDO).safety["text"].count("ابجد") == english["safety"]["text"].count(".") + 1
        assert not (FOLDER / f"{PSEUDO}.json").exists()


@pytest.mark.parametrize(
    ("requested", "stored", "accept_language", "picked"),
    [
        ("de", "es", "en", "de"),
        ("de-AT", "", "", "de"),
        ("ES_mx", "", "", "es"),
        (PSEUDO, "de", "de", PSEUDO),
        # What nobody wrote yet: the patient's own choice, then the browser's, then English.
        ("fr", "es", "de", "es"),
        ("", "", "fr;q=0.9, de-CH;q=0.8, es;q=0.85", "es"),
        ("", "", "en;q=0.1, de", "de"),
        ("", "", "de;q=0, fr", "en"),
        ("", "", "*", "en"),
        ("", "", "de;q=lots,;;,", "en"),
        ("fr", "it", "pt", "en"),
        ("", "", "", "en"),
    ],
)
def test_the_language_is(requested: str, stored: str, accept_language: str, picked: str) -> None:
    assert pick_language(requested, stored=stored, accept_language=accept_language) == picked
