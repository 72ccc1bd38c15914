"""Cases that no calculation can answer: facts about a standard, and checks on a running system."""

NOT_A_CALCULATION = {
    "security/*": "a fact about a security standard, or a check on a running system",
}
