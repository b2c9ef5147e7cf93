"""The gate's answers for a whole crowd, counted: people alike in all the rules look at are asked about once."""
