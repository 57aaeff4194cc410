"""The Storage Read API over gRPC: whole tables and results of queries, as Arrow."""
