"""Reads that gather what several apps know: *Today*, a student's page, agreements, who looked."""
