"""Query texts to operations: parsed, measured, validated, and what each selects."""
