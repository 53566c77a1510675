"""How the files of the bundled embedder were made: kept beside its tests, not part of what is installed."""
