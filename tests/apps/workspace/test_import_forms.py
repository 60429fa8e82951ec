"""What is read of the files that staff send."""

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import Clinic
from apps.diary.proposing import MOST_BYTES, MOST_MAPPING
from apps.workspace.import_forms import ProposalForm, WordsForm
from tests.apps.diary.imported import CSV, MAPPING
from tests.factories.imports import SOURCE


def sent(clinic: Clinic, *, name: str = "diary.csv", content: bytes = CSV.encode()) -> ProposalForm:
    mapping = SimpleUploadedFile("mapping.toml", MAPPING.encode() * 1000)
    files = {"file": SimpleUploadedFile(name, content), "mapping": mapping}
    form = ProposalForm({"clinic": clinic.pk, "source": SOURCE}, files, clinics=Clinic.objects.all())
    assert form.is_valid()
    return form


def test_the_bytes_are_those_that_were_sent(clinic: Clinic) -> None:
    given = sent(clinic).given()

    assert (given.name, given.content, given.mapping_name) == ("diary.csv", CSV.encode(), "mapping.toml")


def test_of_what_is_too_long_one_byte_more_than_is_taken_is_read(clinic: Clinic) -> None:
    given = sent(clinic, content=b"x" * (2 * MOST_BYTES)).given()

    assert (len(given.content), len(given.mapping)) == (MOST_BYTES + 1, MOST_MAPPING + 1)


def test_a_name_is_kept_as_any_folder_can_hold_it(clinic: Clinic) -> None:
    assert sent(clinic, name="our\ndiary.csv").given().name == "ourdiary.csv"


def test_two_forms_for_words_on_one_page_have_fields_of_their_own() -> None:
    names = {str(WordsForm(prefix=act)["words"].id_for_label) for act in ("refuse", "withdraw")}

    assert names == {"refuse_words", "withdraw_words"}
