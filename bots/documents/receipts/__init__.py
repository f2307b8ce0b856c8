"""Receipts of shops: their head, date and total."""
