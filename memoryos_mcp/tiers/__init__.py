"""The paper's three tiers: short-term, mid-term and long-term memory."""
