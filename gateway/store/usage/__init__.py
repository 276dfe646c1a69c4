"""Usage added up with the jobs: counts and sums of starts and ends, by spans."""
