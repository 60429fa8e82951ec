"""What staff send about a diary file: the file itself, and why it is refused or withdrawn."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from apps.accounts.models import Clinic
from apps.audit.reasons import LONGEST
from apps.diary.proposing import MOST_BYTES, MOST_LINES, MOST_MAPPING, Given, kept_name
from apps.workspace.emergency_review import readable
from apps.workspace.spoken import speak

#: One byte more than is taken says that there are too many; the rest stays where it is.
ONE_MORE: Final = 1


class ProposalForm(forms.Form):
    clinic = forms.ModelChoiceField(Clinic.objects.none(), label="Clinic", empty_label=None)
    file = forms.FileField(
        label="Diary file",
        allow_empty_file=True,
        help_text="CSV text in UTF-8, the diary of one patient.",
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    mapping = forms.FileField(
        label="Mapping",
        allow_empty_file=True,
        help_text="TOML: which column is what. The manual says how, under Importing.",
        widget=forms.FileInput({"accept": ".toml,text/plain"}),
    )
    source = forms.CharField(
        label="From where, and why",
        max_length=LONGEST,
        validators=[readable],
        help_text="It stays in the trail for good: do not name the patient.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, clinics: QuerySet[Clinic]) -> None:
        super().__init__(data, files)
        named: Any = self.fields["clinic"]
        named.queryset = clinics
        speak(self)

    def given(self) -> Given:
        """As much of the files as tells that they are too long."""
        file, mapping = (self.cleaned_data[name] for name in ("file", "mapping"))
        return Given(
            kept_name(file.name),
            _read(file, most=MOST_BYTES),
            kept_name(mapping.name),
            _read(mapping, most=MOST_MAPPING),
        )


class WordsForm(forms.Form):
    words = forms.CharField(
        label="Why",
        max_length=LONGEST,
        validators=[readable],
        help_text="It stays in the trail for good: do not name the patient.",
    )

    def __init__(self, data: Any = None, *, prefix: str) -> None:
        super().__init__(data, auto_id=f"{prefix}_%s")
        speak(self)


LIMITS: Final = {"bytes": MOST_BYTES, "lines": MOST_LINES}


def _read(file: UploadedFile, *, most: int) -> bytes:
    return file.read(most + ONE_MORE)
