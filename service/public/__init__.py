"""What the public is told: each device's state from its records, in words, as a list that outlives the database, and as files."""
