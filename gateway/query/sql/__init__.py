"""Plans to SQL: statements whose text is made once for each shape."""
