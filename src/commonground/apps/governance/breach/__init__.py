"""When records were open to somebody without the right: an incident, and a packet for each district that it touches."""
