"""A stand-in for a voice carrier: speaks Twilio's REST API 2010-04-01 and posts its signed webhooks."""
