"""The laptop cloud: an AWS emulator that the real CDK CLI deploys the unmodified app into."""
