"""The command `doctor`: what is found, by check, and what to do about it."""

import click

from ..domain.counting import counted
from . import output, show
from .as_json import as_json
from .options import Command, config_file, given_settings

__all__ = ["doctor"]


@click.command(cls=Command, short_help="Look at everything the server stands on; say what to do.")
@click.option("--model", "ask_model", is_flag=True, help="Ask the model's endpoint one tiny question too.")
@click.option("--hosts", "start_hosts", is_flag=True, help="Start what each host's configuration starts, too.")
@click.option("--repair", "mend", is_flag=True, help="First restore a damaged store from its newest snapshot.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def doctor(context: click.Context, ask_model: bool, start_hosts: bool, mend: bool, json_: bool) -> int:
    """
    Look at Python, packages, settings, data folder, lock, memory, embedder, tokenizer, hosts and (if asked) the model.

    Nothing is changed without --repair. Exit status 1 when one of the findings is an error.
    """
    from .doctor import Examined, examine

    examined = Examined(
        given_settings(context), config_file(context), ask_model=ask_model, start_hosts=start_hosts, mend=mend
    )
    findings = []
    for finding in examine(examined):
        findings.append(finding)
        if not json_:
            output.say(show.finding(finding))
    errors = sum(finding.level == "error" for finding in findings)
    if json_:
        output.emit_json({"healthy": not errors, "findings": as_json(findings)})
    else:
        warnings = sum(finding.level == "warning" for finding in findings)
        told = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
        output.raw(f"{told}, {len(findings) - errors - warnings} in order")
    return 1 if errors else 0
