"""What people type into the compliance pages."""
