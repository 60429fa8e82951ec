"""Answers as staff read them: every question, every choice, every warning sign has a word."""

import pytest

from apps.diary import answer_words as words
from apps.diary.models import ORIGINATORS
from sctrial.questions import QUESTIONS, RED_FLAGS, Form


def test_every_question_has_a_short_name_and_every_sign_and_originator_a_word() -> None:
    assert set(words.SHORT) == set(QUESTIONS)
    assert set(words.WARNING_SIGNS) == set(RED_FLAGS)
    assert set(words.BY_WHOM) == set(ORIGINATORS)


@pytest.mark.parametrize("question", [one for one in QUESTIONS.values() if one.form is Form.CHOICE])
def test_every_choice_is_said_as_the_patient_reads_it(question: object) -> None:
    code, choices = question.code, question.choices  # type: ignore[attr-defined]

    said = [words.answer_words(code, {"choice": choice}) for choice in choices]

    assert len(set(said)) == len(choices)
    assert not set(said) & set(choices)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("sleep", {"number": 6}, "6"),
        ("stated_relief", {"number": 60}, "60 %"),
        ("red_flags", {"choices": ["fever", "wound"]}, "fever, wound"),
        ("red_flags", {"choices": []}, "none"),
        ("note", {"text": "<b>hot</b>"}, "<b>hot</b>"),
    ],
)
def test_an_answer_is_said_in_its_own_form(question: str, answer: dict[str, object], said: str) -> None:
    assert words.answer_words(question, answer) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("target.average", "Average pain, target"),
        ("left_leg.average", "Average pain, left leg"),
        ("sleep", "Sleep"),
    ],
)
def test_a_question_is_named(question: str, said: str) -> None:
    assert words.question_words(question) == said


def test_a_score_is_said_on_its_own_scale() -> None:
    assert words.score_words(7, scale="nrs_11") == "7"
    assert words.score_words(32, scale="myaiguide_symptom") == "3.2"
