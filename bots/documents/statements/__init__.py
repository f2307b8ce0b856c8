"""Bank statements: their bookings with signs, and the balances that prove them."""
