"""The paper's response generation: prompts, the endpoint of a language model, what it cost."""
