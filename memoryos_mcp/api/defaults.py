"""What stands in for an argument that a call leaves out: the user, the project, the names."""

from dataclasses import dataclass
from datetime import date, datetime

from ..domain import inputs
from ..domain.clock import now
from ..domain.errors import InputError
from ..domain.projects import project_label
from ..domain.records import Profile
from ..domain.settings import Settings
from ..text.dates import first_moment, last_moment

__all__ = ["Defaults"]


@dataclass(frozen=True, slots=True)
class Defaults:
    """The settings in force, and the project this process works in ("" when none is told)."""

    settings: Settings
    project: str

    def user(self, user_id: str | None) -> str:
        """Return the user that a call names, else the setting's; raise `InputError` for an unusable id."""
        return self.settings.user_id if user_id is None else inputs.check_user_id(user_id)

    def now(self) -> datetime:
        """Return the time on the user's clock."""
        return inputs.in_zone(now(), self.settings.zone)

    def bounds(
        self, since: datetime | date | str | None, until: datetime | date | str | None
    ) -> tuple[datetime | None, datetime | None]:
        """Return the first moment of *since* and the last of *until*; or raise `InputError`."""
        first = None if since is None else self.first_moment("since", since)
        last = None if until is None else last_moment("until", until, now=now(), zone=self.settings.zone)
        if first is not None and last is not None and first > last:
            raise InputError(f"since {since} lies after until {until}; exchange them")
        return first, last

    def first_moment(self, name: str, value: datetime | date | str) -> datetime:
        """Return the first moment of the time that *value* names, on the user's clock; or raise `InputError`."""
        return first_moment(name, value, now=now(), zone=self.settings.zone)

    def label(self, project: str | None) -> str:
        """Return the label of the project that a call names, else of the one at hand."""
        return self.project if project is None else project_label(project)

    def user_name(self, profile: Profile) -> str:
        """Return what the user is called: as set, else as learnt."""
        learnt = (attribute.value for attribute in profile.static if attribute.name == "name")
        return self.settings.user_name or next(learnt, "")
