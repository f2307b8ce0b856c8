"""All actions on ERPs; importing this registers them."""

from connectors.erp import bills, parties

__all__ = ["bills", "parties"]
