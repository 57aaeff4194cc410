"""The stand-in for Google: the token endpoint and BigQuery's REST API."""
