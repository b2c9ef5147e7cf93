"""What is wrong, or may be, with a campaign as it is set up: found before it calls anybody. Pure."""
