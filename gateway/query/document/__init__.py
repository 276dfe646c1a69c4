"""Query texts to operations: parsed, limited, validated, and their selections."""
