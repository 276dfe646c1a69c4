"""`gateway usage`: how much compute was used, in the terminal."""
