"""The reviewed vocabularies (TOML beside this file) and the tagger for letters and queries."""
