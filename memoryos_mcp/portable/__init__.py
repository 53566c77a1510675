"""Taking memory elsewhere: export to and restore from one documented file of JSON lines (`lines`)."""

from .exporting import export_lines
from .lines import FORMAT, is_export
from .restoring import Restored, restore

__all__ = ["FORMAT", "Restored", "export_lines", "is_export", "restore"]
