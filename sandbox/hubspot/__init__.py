"""A stand-in for HubSpot's CRM API and record pages; README.md says what is imitated."""
