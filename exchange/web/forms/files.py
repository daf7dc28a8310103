"""The form that brings a file in one piece, for browsers without JavaScript."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet", ".gz", ".zip")


class FileForm(forms.Form):
    """One file. What it holds is found out by reading it, not by its name."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV, JSON Lines, Excel or Parquet; gzip or zip around it is fine."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["file"].widget.attrs["accept"] = ",".join(ENDINGS)
