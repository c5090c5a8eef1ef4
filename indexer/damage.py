"""What the standard library raises over archives that are not what they should be."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    struct.error,
    EOFError,
    OSError,  # gzip and bz2 say "not a gzipped file" so
    ValueError,  # names and numbers that are none, positions outside the file
    OverflowError,
    NotImplementedError,  # a zip of a later version
    RuntimeError,  # encrypted, though its entry does not say so
    MemoryError,  # a header that asks for a window of gigabytes
)
"""Found by feeding them changed archives; a mistake of ours (KeyError …) is not among them."""


def told(error: BaseException) -> str:
    """The error on one line, without the file's content or name."""
    return str(error).partition("\n")[0][:120] or type(error).__name__
