"""The data sets; each file is one."""
