"""
Hooks: a host that runs commands at its events has every exchange stored and recalls shown without its model asking.

`run` reads an event and answers it; `claude_code`, `codex`, `cursor` and `gemini_cli` know the hosts' events, and
`open_turn` puts together what is told of an exchange in parts. A hook process opens no memory,
which would take seconds: what it stores goes to the hook inbox, and what it recalls it asks of a server that runs
already (`endpoint_client` and `endpoint`). Nothing heavy is imported but by the server's side, which judges in
`hook_answer` what a prompt gets: `typed_prompt` tells orders from questions, `telling_words` weighs words,
`relevant_facts` knows of allergies.
"""
