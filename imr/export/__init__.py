"""The whole counted set of a search, written out as a stream."""
