"""One root for everything that can go wrong on purpose.

Each error has a stable `code` (for programs), an HTTP status (for the API), and a sentence that
names what was wrong, where, and what to do (for people).
"""

from __future__ import annotations

from typing import ClassVar


class ImrError(Exception):
    """The root; `str(error)` is the sentence a person reads."""

    code: ClassVar[str] = "imr-error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    retry_after: ClassVar[int | None] = None
    """Seconds after which the same may work, where it passes by itself or by what others do."""


class LetterError(ImrError):
    """A file that can't be read as a determination; it is set aside and loading goes on."""

    code = "letter-unreadable"
    status = 422
    title = "The file could not be read as a determination"


class NotALetterError(LetterError):
    """Readable, but no IMR determination."""

    code = "not-a-determination"
    title = "The file is no IMR determination"


class NeedsOcrError(LetterError):
    """A PDF without a text layer."""

    code = "needs-ocr"
    title = "The PDF has no text layer"


class EmptyLetterError(LetterError):
    """A file without any content."""

    code = "letter-empty"
    title = "The file is empty"


class EncryptedLetterError(LetterError):
    """A PDF or an archive member that a password protects."""

    code = "letter-encrypted"
    title = "The file is encrypted"


class LetterTooLargeError(LetterError):
    """A file far larger than any letter; it is not read."""

    code = "letter-too-large"
    status = 413
    title = "The file is too large for a letter"


class LetterTooSlowError(LetterError):
    """Reading the file took longer than a letter may take; it was stopped."""

    code = "letter-too-slow"
    title = "The file took too long to read"


class LetterMemoryError(LetterError):
    """Reading the file took more memory than a letter may take; it was stopped."""

    code = "letter-too-much-memory"
    title = "The file took too much memory to read"


class LetterCrashError(LetterError):
    """Reading the file ended the process that read it."""

    code = "letter-crashed"
    title = "The file crashed its reader"


class DocumentRefusedError(LetterError):
    """A letter of which the search engine took a decision not to be valid; none of it is stored."""

    code = "document-refused"
    title = "The search engine refused the letter"


class ParserFailedError(LetterError):
    """The parser made a mistake over this file; worth a report."""

    code = "parser-failed"
    status = 500
    title = "The parser failed over the file"


class FileUnreadableError(LetterError):
    """A path that can't be read as a file or folder, or a link or device in an archive."""

    code = "file-unreadable"
    title = "The file can't be read"


class ArchiveError(LetterError):
    """An archive that is damaged or of a kind that is not read; what came before it is kept."""

    code = "archive-unreadable"
    title = "The archive can't be read"


class ArchiveLimitError(ArchiveError):
    """An archive that unpacks to more, or nests deeper, than archives of letters do."""

    code = "archive-limit"
    status = 413
    title = "The archive goes beyond what is read"


class ReaderUnavailableError(ImrError):
    """No process to read letters in could be started."""

    code = "reader-unavailable"
    status = 503
    title = "Letters can't be read at the moment"
    retry_after = 5


class NotFoundError(ImrError):
    """No decision, determination or file of that name."""

    code = "not-found"
    status = 404
    title = "Not found"


class BadQueryError(ImrError):
    """A parameter, field or value that means nothing here; the message names the nearest ones."""

    code = "bad-query"
    status = 422
    title = "The request can't be understood"


class BadSettingError(ImrError):
    """An environment variable, or --url, holds what it can't hold."""

    code = "bad-setting"
    title = "A setting can't be understood"


class ModelMissingError(ImrError):
    """The embedding model could not be had from any source."""

    code = "model-missing"
    status = 503
    title = "The embedding model is not available"


class ModelUnusableError(ImrError):
    """The embedding model that was named can't be used as it is."""

    code = "model-unusable"
    status = 503
    title = "The embedding model can't be used"


class TaxonomyError(ImrError):
    """A vocabulary file that contradicts itself."""

    code = "taxonomy-invalid"
    title = "A vocabulary file is invalid"


class UnusableIndexError(ImrError):
    """The index can't be opened or written."""

    code = "index-unusable"
    status = 503
    title = "The index can't be used"


class IndexMissingError(UnusableIndexError):
    """There is no index where one was expected."""

    code = "index-missing"
    title = "There is no index yet"
    retry_after = 5


class IndexMismatchError(UnusableIndexError):
    """The index was built with another model, analysis or layout."""

    code = "index-mismatch"
    status = 409
    title = "The index was built differently"


class IndexLockedError(UnusableIndexError):
    """Another process is writing."""

    code = "index-locked"
    status = 409
    title = "Another writer is at work"


class IndexClosedError(UnusableIndexError):
    """The index takes no loads: it is being rebuilt, that was broken off, or it is read-only."""

    code = "index-closed"
    status = 409
    title = "The index is closed to loads"


class IndexDoubtfulError(UnusableIndexError):
    """An index that was built beside the live one does not hold what was loaded; it stays aside."""

    code = "index-doubtful"
    status = 500
    title = "The new index was not switched to"


class EngineUnreachableError(ImrError):
    """OpenSearch does not answer, or only a part of it where the whole is needed."""

    code = "engine-unreachable"
    status = 503
    title = "The search engine can't be reached"
    retry_after = 5


class EngineBusyError(EngineUnreachableError):
    """OpenSearch has more to do than it can and turned a request away (429)."""

    code = "engine-busy"
    title = "The search engine is busy"


class EngineDeniedError(ImrError):
    """OpenSearch does not accept our credentials or rights, or we don't its certificate."""

    code = "engine-denied"
    status = 503
    title = "The search engine denies access"


class EngineFullError(ImrError):
    """A node of OpenSearch has almost no disk left, so that its indices take no loads."""

    code = "engine-full"
    status = 503
    title = "The search engine's disk is full"


class AlertUndeliveredError(ImrError):
    """A webhook did not take a delivery; it stays and is sent again."""

    code = "alert-undelivered"
    status = 502
    title = "An alert could not be delivered"


class DownloadError(ImrError):
    """A page or letter of a site could not be fetched, or is not what was expected there."""

    code = "download-failed"
    status = 502
    title = "Letters could not be fetched"


class DownloadMissingError(DownloadError):
    """There is nothing at an address that a page led to."""

    code = "download-missing"
    title = "A letter is not where a page says"


def letter_error(code: str, message: str) -> LetterError:
    """The error of that code, as another process told it."""
    return _BY_CODE.get(code, LetterError)(message)


def _kinds(root: type[LetterError]) -> list[type[LetterError]]:
    return [root, *(kind for each in root.__subclasses__() for kind in _kinds(each))]


_BY_CODE = {kind.code: kind for kind in _kinds(LetterError)}
