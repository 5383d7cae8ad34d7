"""Types, errors, files and the plug-in registry that every other package builds on."""
