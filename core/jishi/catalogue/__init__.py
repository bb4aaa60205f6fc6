"""The catalogue: products, SKUs, categories, prices; searched, listed, imported, published."""
