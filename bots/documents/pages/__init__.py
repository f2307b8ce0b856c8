"""A page in one shape whatever it was read with: text layers joined to words, pictures drawn."""
