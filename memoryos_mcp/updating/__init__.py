"""The paper's updating: consolidation, promotion, eviction, forgetting, and the worker that runs them."""
