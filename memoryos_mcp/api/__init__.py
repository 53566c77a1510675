"""One way in: the whole memory as one object, its parts by what a caller wants, and how they are put together."""
