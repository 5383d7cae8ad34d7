"""The confidence measures; each file is one."""
