"""Files of hosts as people have them: other servers, comments, settings, spacing of their own."""

import json

__all__ = ["LIVED_IN"]

CLAUDE_DESKTOP = """\
{
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/anna/Desktop"]
    }
  },
  "globalShortcut": "Ctrl+Space"
}
"""
CLAUDE_CODE = json.dumps(
    {
        "numStartups": 41,
        "projects": {"/home/anna": {"history": [{"display": "h\u00e9 \U0001f600"}]}},
        "mcpServers": {"gh": {"url": "https://x"}},
    },
    indent=2,
)
CURSOR = """\
{
\t// work
\t"mcpServers": {
\t\t"gh": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer ${env:GH}"}}, // token from env
\t\t/* "old": {}, */
\t},
}
"""
VSCODE = """\
{
    "inputs": [ { "type": "promptString", "id": "key", "password": true } ],
    "servers": {
        "web": { "type": "http", "url": "https://example.org/mcp" }
    }
}"""
WINDSURF = '{"mcpServers":{"a":{"serverUrl":"https://example.org/sse","disabledTools":[]}}}'
CODEX = """\
# my Codex
model = "gpt-5" # the good one
notify = ["say", "done"]

[mcp_servers.docs]
command = 'npx'
args = ["-y", "docs",]
env = { "KEY" = "1" }

[projects."/home/anna/a b"]
trust_level = "trusted"
"""
GEMINI = """\
{
  "security": {"auth": {"selectedType": "oauth-personal"}},
  "hooks": {
    "AfterTool": [ { "matcher": "write_.*", "hooks": [ { "type": "command", "command": "lint" } ] } ]
  }
}
"""
OPENCODE = """\
{
  "$schema": "https://opencode.ai/config.json",
  // the quick one
  "model": "anthropic/claude-haiku",
  "mcp": {
    "docs": { "type": "remote", "url": "https://example.org/mcp", "enabled": true }, // shared
  },
}
"""
GOOSE = """\
# Goose
GOOSE_MODEL: gpt-5   # the good one
extensions:
  developer:
    bundled: true
    enabled: true
    name: developer
    timeout: 300
    type: builtin

  # mine
  web:
    type: stdio
    name: web
    enabled: true
    cmd: npx
    args: ['-y', "@modelcontextprotocol/server-fetch"]
    envs: {}

GOOSE_SEARCH_PATHS:
  - "~/tools"
"""
ZED = """\
// Zed settings
//
{
  "theme": {
    "mode": "system",
    "dark": "One Dark", // nights
  },
  "vim_mode": true,
  /* "context_servers": {}, */
  "languages": { "Python": { "tab_size": 4 } },
}
"""
CLINE = """\
{
    "mcpServers": {
        "files": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-filesystem"],
            "disabled": true,
            "autoApprove": []
        }
    }
}"""
CONTINUE = '{"mcpServers": {}}\n'
LM_STUDIO = """\
{
  "mcpServers": {
    "hf-mcp-server": { "url": "https://huggingface.co/mcp", "headers": { "Authorization": "Bearer x" } }
  }
}
"""
LIVED_IN = {
    "claude-desktop": CLAUDE_DESKTOP,
    "claude-code": CLAUDE_CODE,
    "cursor": CURSOR,
    "vscode": VSCODE,
    "windsurf": WINDSURF,
    "codex": CODEX,
    "gemini-cli": GEMINI,
    "opencode": OPENCODE,
    "goose": GOOSE,
    "zed": ZED,
    "cline": CLINE,
    "continue": CONTINUE,
    "lm-studio": LM_STUDIO,
}
"""By the host's name: what people's files look like, comments and all."""
