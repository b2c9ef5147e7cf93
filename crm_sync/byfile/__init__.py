"""A CRM that a mapping file describes: what the file may say, and how records are read and written by it. Pure."""
