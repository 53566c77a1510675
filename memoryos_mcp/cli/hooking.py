"""The command `hook`, as `--help` shows it; a host's call of it takes a shorter way (`hooks.run`)."""

import click

from ..hosts.hooks.run import MAX_TOKENS, run_hook
from .options import config_file, given_settings

__all__ = ["hook"]


@click.command(short_help="Answer an event of a host (hosts call this).")
@click.option("--data-dir", metavar="PATH", help="Folder that holds all memory.")
@click.option("--user-id", metavar="TEXT", help="Whose memory.")
@click.option("--max-tokens", type=int, default=MAX_TOKENS, show_default=True, help="Longest context handed back.")
@click.option("--keep-secrets", is_flag=True, help="Write down what looks like a credential too.")
@click.pass_context
def hook(context: click.Context, data_dir: str | None, user_id: str | None, max_tokens: int, keep_secrets: bool) -> int:
    """
    Answer one event, a JSON object on stdin; hosts call this when they are set up so by `install HOST --hooks`.

    Claude Code and Codex: UserPromptSubmit hands in what is recalled on the prompt, Stop stores the finished exchange;
    Gemini CLI: BeforeAgent and AfterAgent. PostToolUse and AfterTool tell that the model stored it itself. Cursor:
    sessionStart hands in the profile, beforeSubmitPrompt, afterAgentResponse, afterMCPExecution and stop store the
    exchange. What is stored waits in the data folder until the memory is next opened; recalling takes a server that
    runs. The exit status is always 0; what went wrong is in logs/memoryos-mcp.log of the data folder.
    """
    given = given_settings(context)
    folder, user = data_dir or given.get("data_dir"), user_id or given.get("user_id")
    named = {
        "--config": config_file(context),
        "--data-dir": folder,
        "--user-id": user,
        "--project": given.get("project"),
    }
    arguments = ["--max-tokens", str(max_tokens), *(["--keep-secrets"] if keep_secrets else [])]
    arguments += [word for option, value in named.items() if value for word in (option, str(value))]
    return run_hook(arguments)
