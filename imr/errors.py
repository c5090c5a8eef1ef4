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


class ModelMissingError(ImrError):
    """The embedding model could not be had from any source."""

    code = "model-missing"
    status = 503
    title = "The embedding model is not available"


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


class EngineUnreachableError(ImrError):
    """OpenSearch does not answer."""

    code = "engine-unreachable"
    status = 503
    title = "The search engine can't be reached"
