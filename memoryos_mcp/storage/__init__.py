"""The paper's storage: Chroma, the index of turns and words, locks, and the files of the data folder."""
