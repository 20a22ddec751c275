"""AWS behind the workflow's ports; errors of AWS calls pass through, to be retried."""
