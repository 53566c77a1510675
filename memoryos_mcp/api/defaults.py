"""What a call means by what it leaves out: whose memory, which project, what the user is called."""

from dataclasses import dataclass

from ..domain import inputs
from ..domain.projects import project_label
from ..domain.records import Profile
from ..domain.settings import Settings

__all__ = ["Defaults"]


@dataclass(frozen=True, slots=True)
class Defaults:
    """The settings in force, and the project this process works in ("" when none is told)."""

    settings: Settings
    project: str

    def user(self, user_id: str | None) -> str:
        """Return the user that a call names, else the setting's; raise `InputError` for an unusable id."""
        return self.settings.user_id if user_id is None else inputs.check_user_id(user_id)

    def label(self, project: str | None) -> str:
        """Return the label of the project that a call names, else of the one at hand."""
        return self.project if project is None else project_label(project)

    def user_name(self, profile: Profile) -> str:
        """Return what the user is called: as set, else as learnt."""
        learnt = (attribute.value for attribute in profile.static if attribute.name == "name")
        return self.settings.user_name or next(learnt, "")
