"""Ways in which a file can be damaged, for tests of what reads it."""

import random
import shutil


def emptied(path):
    path.write_bytes(b"")


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def garbled(path):
    _overwrite(path, bytes(range(256)))


def garbled_as_text(path):
    _overwrite(path, b"abcdefghijklmnopqrstuvwxyz0123456789,.{}")


def replaced_by_a_folder(path):
    deleted(path)
    path.mkdir()


def deleted(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _overwrite(path, alphabet):
    """The middle third replaced, ends of lines kept."""
    generator, content = random.Random(0), bytearray(path.read_bytes())  # noqa: S311
    for index in range(len(content) // 3, max(len(content) // 3 + 1, 2 * len(content) // 3)):
        if content[index] != ord("\n"):
            content[index] = generator.choice(alphabet)
    path.write_bytes(content)


WAYS = (deleted, emptied, cut, garbled, garbled_as_text, replaced_by_a_folder)
