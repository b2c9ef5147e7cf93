"""A stand-in for Salesforce's REST API and record pages; README.md says what is imitated."""
