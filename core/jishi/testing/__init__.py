"""What tests of a shop, its plugins and its themes stand on; pytest loads it by entry point."""
