"""Datasets: files in, native DuckDB tables kept, read-only SQL over them."""
