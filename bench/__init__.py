"""Side-by-side measurements: our domain code beside what a user would pick instead, on one core, in one run."""
