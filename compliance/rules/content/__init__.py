"""What may be published: recordings, texts, scripts, forms and records, judged before anyone hears or reads them. Pure."""
