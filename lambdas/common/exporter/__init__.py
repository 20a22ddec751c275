"""Exports a DynamoDB table by a parallel scan into a bucket, in the layout and format of DynamoDB's own full export.

DynamoDB's export needs point-in-time recovery, takes minutes at least, and is absent where AWS is emulated. A scan
costs read capacity instead, and is no snapshot: an item is as of some moment after the export began.
"""
