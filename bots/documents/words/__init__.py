"""What words mean: labels in eight languages, amounts, dates, tax ids, names, and how a document writes them."""
