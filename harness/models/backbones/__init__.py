"""The backbones; each file is one."""
