"""
Hooks: a host that runs commands at its events has every exchange stored and recalls shown without its model asking.

`run` reads an event and answers it; `claude_code` and `cursor` know the hosts' events, `transcript` what Claude Code
writes of a session. A hook process opens no memory, which would take seconds: what it stores goes to the `spool`, and
what it recalls it asks of a server that runs already (`asking` and `endpoint`). Nothing heavy is imported but by the
server's side.
"""
