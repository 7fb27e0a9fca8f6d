"""What people and later steps are told: comment, summary, commit status and outputs."""
