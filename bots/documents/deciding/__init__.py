"""From candidates to values, their confidence and what is doubtful about them."""
