"""Commands for AWS and laptop alike."""
