"""The content of documents."""

from typing import IO

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.members.models import AdmissionDocument


def open_content(document: AdmissionDocument) -> IO[bytes]:
    """The stored file, open for reading; NotFound when the storage has lost it."""
    try:
        return default_storage.open(document.stored_as)
    except FileNotFoundError:
        raise NotFound(_("The file of this document is missing.")) from None
