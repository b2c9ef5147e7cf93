"""What pages may know of lists, imports, people, campaigns and scripts: frozen dataclasses, never querysets."""
