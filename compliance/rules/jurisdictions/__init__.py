"""The law as tables: rows with citation, confidence and the days they are in force."""
