"""What the laptop cloud does with each slice: one module each, all of them listed in `registry`."""
