"""WeChat Pay API v3 for shops that are direct merchants."""
