"""Tables of rows: each row is checked against the spec of its prefix, and good ones are parted from bad ones."""
