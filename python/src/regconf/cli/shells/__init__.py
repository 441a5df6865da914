"""Scripts that let a shell complete, made from the same table as the parser."""
