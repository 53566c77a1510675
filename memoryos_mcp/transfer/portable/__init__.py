"""Taking memory elsewhere: export to and restore from one documented file of JSON lines (`lines`), and backups."""

from .backup import Backup, back_up
from .exporting import export_lines
from .lines import FORMAT, is_export
from .previewing import preview
from .restoring import Restored, restore

__all__ = ["FORMAT", "Backup", "Restored", "back_up", "export_lines", "is_export", "preview", "restore"]
