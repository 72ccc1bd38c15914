"""How a collaborative is made and led: its members, what each has agreed to share, and how one leaves."""
