"""How a district leaves: what would go, its export, the destruction that two people confirm, the certificate."""
