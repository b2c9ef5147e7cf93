"""Where verdicts are kept: written in hash chains, verified, sealed by day, partitioned by month. See docs/adr/0008."""
