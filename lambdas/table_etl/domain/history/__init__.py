"""Files of historical data: which ones there are to load, and the rows in them."""
