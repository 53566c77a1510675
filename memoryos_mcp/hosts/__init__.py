"""
The hosts that start this server: where their files are, what belongs in them, and changing them without harm.

Nothing here knows of memory; it edits other programs' configuration. `files.change(path, edit)` puts what *edit* makes
of a text in its place (backup, at once, not over somebody else's change); `jsonc` and `toml` have the edits.
"""
