"""The candidates for the fields of an invoice, and its rows."""
