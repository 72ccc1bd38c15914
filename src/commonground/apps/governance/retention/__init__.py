"""How long which class of data is kept, what legal holds keep beyond it, and what is destroyed every night."""
