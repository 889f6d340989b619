"""What the analyst sees and knows, as statements that move the map."""
