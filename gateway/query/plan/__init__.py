"""Selections and arguments to plans: data without SQL, values or behaviour."""
