"""
The hosts that start this server: where their files are, what belongs in them, and changing them without harm.

Nothing here knows of memory; it edits other programs' configuration. `files.change(path, edit)` puts what *edit* makes
of a text in its place (backup, at once, not over somebody else's change); `jsonc` and `toml` have the edits.
"""

from .entries import NAME, Entry, add_entry, entries_of, entry_of, entry_text, remove_entry
from .files import Change
from .hook_entries import add_hooks, has_hooks, hooks_file, hooks_remark, printed_hooks, remove_hooks
from .launch import Launch, launch_here
from .redirection import redirections
from .rules import RULES, add_rules, reads_rules, remove_rules, rules_file, rules_scope
from .table import HOSTS, Host, Scope, host_named
from .user_folders import UserFolders

__all__ = [
    "HOSTS",
    "NAME",
    "RULES",
    "Change",
    "Entry",
    "Host",
    "Launch",
    "Scope",
    "UserFolders",
    "add_entry",
    "add_hooks",
    "add_rules",
    "entries_of",
    "entry_of",
    "entry_text",
    "has_hooks",
    "hooks_file",
    "hooks_remark",
    "host_named",
    "launch_here",
    "printed_hooks",
    "reads_rules",
    "redirections",
    "remove_entry",
    "remove_hooks",
    "remove_rules",
    "rules_file",
    "rules_scope",
]
