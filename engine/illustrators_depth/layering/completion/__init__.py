"""How outlines go on where a higher layer hides them."""
