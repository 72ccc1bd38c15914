"""What a district's security officer may ask for: versions, parts and licenses, and an answer to every requirement.

Pure: it reads files of the code and what is installed, no database and no network.
"""
