"""The demonstration: an invented conversation, the questions asked of it afterwards, and the run that does both."""
