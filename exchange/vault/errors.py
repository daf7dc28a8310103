"""Refusals of storing, uploading and removing. Those of reading stand with the reading."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, Refusal


class QuotaExceeded(Refusal):
    """The file does not fit into what the organisation may still store."""

    code = "quota_exceeded"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class FileTooLarge(Refusal):
    """The file is larger than one file may be."""

    code = "file_too_large"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class FilesNotTaken(Refusal):
    """This server cannot lock in the process that reads files, so it takes none."""

    code = "files_not_taken"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE


class UploadsFull(Refusal):
    """The organisation has as many unfinished uploads as it may have."""

    code = "uploads_full"


class OffsetMismatch(Refusal):
    """The piece does not begin where the upload ends; `offset` says where that is."""

    code = "upload_offset_mismatch"


class UploadOver(Refusal):
    """The upload was abandoned or expired; begin a new one."""

    code = "upload_over"
    http_status = HTTPStatus.GONE


class UploadIncomplete(Refusal):
    """Something is still missing; `offset` says from where on."""

    code = "upload_incomplete"


class TooManyBytes(Invalid):
    """More was sent than the upload declared, or than a piece may have."""

    code = "upload_too_many_bytes"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class FileInUse(Refusal):
    """The file's tables are part of a product and stay."""

    code = "file_in_use"


class NoSuchQuestion(Refusal):
    """The reading of this file asked nothing of the kind at this place."""

    code = "no_such_question"


class NoSuchOption(Invalid):
    """The answer is none of the options of its question; `accepted` are these."""

    code = "no_such_option"


class FileBeingRead(Refusal):
    """What a reading asks is answered when it has ended."""

    code = "file_being_read"


class NotBeingRead(Refusal):
    """Only a reading that waits or goes on can be stopped."""

    code = "file_not_being_read"


class NotRefused(Refusal):
    """Only a file that could not be read is read again."""

    code = "file_not_refused"


class QuotaBelowUse(Refusal):
    """A limit cannot be set below what is stored and reserved already."""

    code = "quota_below_use"
