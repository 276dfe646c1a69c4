"""How many operations are compared: `--hypothesis-profile=thorough` compares more."""

from hypothesis import settings

# Each of the data sets of `test_oracle` gets so many operations.
settings.register_profile("thorough", max_examples=1_000)
