"""Small backbones of any plug-in, from the fields that it declares."""

import dataclasses

from harness.models.backbones import BACKBONES


def fields_of(name):
    """Names of a backbone's parameters."""
    return {field.name for field in dataclasses.fields(BACKBONES.get(name))}


def small_recipe(name, **parameters):
    """A backbone of four narrow blocks where it declares their widths, else its default."""
    widths = {"widths": (4, 6, 8, 12)} if "widths" in fields_of(name) else {}
    return BACKBONES.get(name)(**widths, **parameters)
