"""Settings: where a value comes from, what is refused and how it is said, and what stays secret."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.domain.errors import ConfigError
from memoryos_mcp.domain.settings import Settings, default_data_dir, environment_name, load_settings
from memoryos_mcp.generation.llm.endpoint import Endpoint

KEY = "sk-very-secret"


SECRET_ADDRESSES = [
    ("openai_base_url", "https://anna:hunter2@host/v1", "https://***@host/v1"),
    ("openai_base_url", "https://anna:hun@ter2@host:8080/v1", "https://***@host:8080/v1"),
    ("openai_base_url", "https://anna:hun/hunter2@host/v1", "https://***@host/v1"),
    ("openai_base_url", "https://host/v1?api-key=hunter2&v=hunter2", "https://host/v1?api-key=***&v=***"),
    ("chroma", "http://:hunter2@host:8000", "http://***@host:8000"),
    ("openai_base_url", "http://localhost:11434/v1", "http://localhost:11434/v1"),
]


def written(folder: Path, text: str) -> Path:
    """Return a settings file with *text*."""
    path = folder / "memoryos.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_holds_when_nobody_says_otherwise() -> None:
    """The paper's capacities and thresholds; the rest is ours."""
    settings = load_settings(environ={})

    assert (settings.short_term_capacity, settings.mid_term_capacity, settings.knowledge_capacity) == (10, 2000, 100)
    assert (settings.heat_threshold, settings.similarity_threshold) == (5.0, 0.6)
    assert settings.data_dir == default_data_dir()


def test_file_beats_default(tmp_path: Path) -> None:
    """Ours: command line, environment, file, default."""
    path = written(tmp_path, "short_term_capacity = 3\n")

    assert load_settings(config_file=path, environ={}).short_term_capacity == 3


def test_environment_beats_file(tmp_path: Path) -> None:
    """Ours: command line, environment, file, default."""
    path = written(tmp_path, "short_term_capacity = 3\n")

    assert load_settings(config_file=path, environ={"MEMORYOS_SHORT_TERM_CAPACITY": "4"}).short_term_capacity == 4


def test_argument_beats_environment(tmp_path: Path) -> None:
    """Ours: command line, environment, file, default."""
    path = written(tmp_path, "short_term_capacity = 3\n")
    environ = {"MEMORYOS_SHORT_TERM_CAPACITY": "4"}

    assert load_settings({"short_term_capacity": 5}, config_file=path, environ=environ).short_term_capacity == 5


def test_an_argument_of_none_counts_as_not_given() -> None:
    """Ours: a command line hands on every option, given or not."""
    assert load_settings({"user_id": None}, environ={"MEMORYOS_USER_ID": "anna"}).user_id == "anna"


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    """Ours: hosts can set an environment more easily than arguments."""
    path = written(tmp_path, 'user_id = "anna"\n')

    assert load_settings(environ={"MEMORYOS_CONFIG": str(path)}).user_id == "anna"


@pytest.mark.parametrize("unset", ["", "   ", "${user_config.data_dir}", "${OPENAI_BASE_URL}"])
def test_an_unfilled_value_of_a_host_counts_as_unset(unset: str) -> None:
    """The hosts': a value nobody filled in arrives as "" or as the template itself."""
    environ = dict.fromkeys(map(environment_name, Settings.model_fields), unset)

    assert load_settings(environ=environ) == load_settings(environ={})


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    """Ours: a misspelt key must not be silently without effect."""
    path = written(tmp_path, "short_term_capasity = 3\n")

    with pytest.raises(ConfigError, match=r"memoryos\.toml: unknown setting 'short_term_capasity'; known are .*_id"):
        load_settings(config_file=path, environ={})


def test_a_bad_value_names_its_file_and_itself(tmp_path: Path) -> None:
    """Ours: an error says what was wrong, with the value and its source."""
    path = written(tmp_path, "short_term_capacity = 0\n")

    with pytest.raises(ConfigError, match=r"memoryos\.toml: short_term_capacity = 0: .*greater than or equal to 1"):
        load_settings(config_file=path, environ={})


def test_a_bad_value_names_its_environment_variable() -> None:
    """Ours: an error says what was wrong, with the value and its source."""
    with pytest.raises(ConfigError, match=r"MEMORYOS_HEAT_THRESHOLD: heat_threshold = 'hot'"):
        load_settings(environ={"MEMORYOS_HEAT_THRESHOLD": "hot"})


def test_a_bad_argument_is_named_as_one() -> None:
    """Ours: an error says what was wrong, with the value and its source."""
    with pytest.raises(ConfigError, match=r"argument: embedder = 'magic'"):
        load_settings({"embedder": "magic"}, environ={})


def test_two_bad_values_are_told_at_once() -> None:
    """Ours: nobody wants to find out one by one."""
    with pytest.raises(ConfigError, match=r"user_id = ''.*; .*analyzer = 'oracle'"):
        load_settings({"user_id": "", "analyzer": "oracle"}, environ={})


def test_a_chroma_address_needs_its_scheme() -> None:
    """Ours: `localhost:8000` would otherwise be taken for a folder."""
    with pytest.raises(ConfigError, match=r"chroma = 'localhost:8000': .*http://host:port"):
        load_settings(environ={"MEMORYOS_CHROMA": "localhost:8000"})

    assert load_settings({"chroma": "http://localhost:8000/"}, environ={}).chroma == "http://localhost:8000"


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """Ours: a file that was named must be there."""
    with pytest.raises(ConfigError, match=r"cannot read the settings file .*absent\.toml"):
        load_settings(config_file=tmp_path / "absent.toml", environ={})


def test_a_file_that_is_no_toml_is_an_error(tmp_path: Path) -> None:
    """Ours: never replaced by defaults."""
    with pytest.raises(ConfigError, match="cannot read the settings file"):
        load_settings(config_file=written(tmp_path, "short_term_capacity: 3"), environ={})


def test_a_key_in_a_file_is_refused_without_being_shown(tmp_path: Path) -> None:
    """Ours: secrets come from the environment alone, and errors end up in logs."""
    path = written(tmp_path, f'openai_api_key = "{KEY}"\n')

    with pytest.raises(ConfigError, match="set OPENAI_API_KEY in the environment") as caught:
        load_settings(config_file=path, environ={})

    assert KEY not in str(caught.value)


def test_a_key_is_masked_wherever_settings_are_shown() -> None:
    """Ours: `repr` ends up in logs, `public` in `memory://config`."""
    settings = load_settings(environ={"OPENAI_API_KEY": KEY})

    assert KEY not in f"{settings!r} {settings} {settings.public()} {settings.model_dump_json()}"
    assert settings.public()["openai_api_key"] == "set"
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == KEY


def test_public_holds_every_setting() -> None:
    """Ours: what is in force can be looked up."""
    assert set(load_settings(environ={}).public()) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, "local"),
        ({"OPENAI_API_KEY": KEY}, "openai"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}, "openai"),
        ({"OPENAI_API_KEY": KEY, "MEMORYOS_ANALYZER": "local"}, "local"),
        ({"MEMORYOS_ANALYZER": "host"}, "host"),
    ],
)
def test_auto_takes_the_endpoint_that_was_set(environ: dict[str, str], wanted: str) -> None:
    """Ours: auto = openai when a key or base URL is set, else local."""
    assert load_settings(environ=environ).resolved_analyzer == wanted


def test_a_relative_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The hosts': the working directory may be `/` or change later."""
    monkeypatch.chdir(tmp_path)

    assert load_settings({"data_dir": "here"}, environ={}).data_dir == tmp_path / "here"
    assert load_settings({"data_dir": "~/there"}, environ={}).data_dir == Path.home() / "there"


def test_reading_settings_creates_nothing(tmp_path: Path) -> None:
    """Ours: looking must not leave folders behind."""
    load_settings({"data_dir": tmp_path / "memory"}, environ={})

    assert list(tmp_path.iterdir()) == []


def test_settings_cannot_be_changed_afterwards() -> None:
    """Ours: one frozen object read once."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings(environ={}).user_id = "other"


@given(value=st.integers(min_value=1, max_value=1000))
def test_every_capacity_within_bounds_is_taken(value: int) -> None:
    """Ours: text from the environment becomes the number it says."""
    assert load_settings(environ={"MEMORYOS_SHORT_TERM_CAPACITY": str(value)}).short_term_capacity == value


@pytest.mark.parametrize("written", ["$PLACE/memory", "${PLACE}/memory"])
def test_variables_in_the_data_folder_are_replaced(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Field report: a folder named `$HOME` appeared where a host started the server, which reads no shell."""
    monkeypatch.setenv("PLACE", str(tmp_path))
    assert load_settings({"data_dir": written}, environ={}).data_dir == tmp_path / "memory"
    assert load_settings(environ={"MEMORYOS_DATA_DIR": written}).data_dir == tmp_path / "memory"


@pytest.mark.parametrize("written", ["$NO_SUCH_PLACE/memory", "${NO_SUCH_PLACE}/memory", "%NO_SUCH_PLACE%/memory"])
def test_a_variable_that_is_not_set_is_refused_by_name(written: str) -> None:
    """Ours: the message names it; a template alone, which hosts hand in for what is left open, counts as unset."""
    with pytest.raises(ConfigError, match=r"NO_SUCH_PLACE.*not set here; write the path out"):
        load_settings({"data_dir": written}, environ={})
    with pytest.raises(ConfigError, match="NO_SUCH_PLACE"):
        load_settings(config_file=Path(written), environ={})
    default = load_settings(environ={}).data_dir
    assert load_settings(environ={"MEMORYOS_DATA_DIR": "${user_config.folder}"}).data_dir == default


@pytest.mark.parametrize(("field", "address", "shown"), SECRET_ADDRESSES)
def test_a_password_in_an_address_is_not_shown(field: str, address: str, shown: str) -> None:
    """Regression: memory://config showed it; nor do `repr`, which logs show, and the endpoint's messages."""
    settings = load_settings({field: address}, environ={})

    assert settings.public()[field] == shown
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)
    assert getattr(settings, field) == address
    if field == "openai_base_url":
        assert "hunter2" not in Endpoint("m", base_url=address.replace("hun/", "hun")).shown


def test_a_wrong_address_is_refused_without_its_password() -> None:
    """Ours: an error is copied into reports."""
    with pytest.raises(ConfigError) as refused:
        load_settings({"chroma": "anna:hunter2@host"}, environ={})

    assert "hunter2" not in str(refused.value)
    assert "***@host" in str(refused.value)


def test_an_endpoint_that_is_no_address_is_refused_without_its_password() -> None:
    """Ours: a slash in a password makes another host of it, and the message must not tell it."""
    with pytest.raises(ConfigError) as refused:
        Endpoint("m", base_url="ftp://anna:hun/hunter2@host")

    assert "hunter2" not in str(refused.value)
