"""Bar codes and QR codes, and the payments that some ask for."""
