"""The words of the system: records, errors, settings, the protocols that parts meet at. Imports nothing of ours."""
