"""What-if before launch: the campaign's own figures as a plan, forecasts at once or by a worker, and the answer for page and API."""
