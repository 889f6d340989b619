"""Where tile pictures come from; one file per kind, all behind ``engine.search.imagery.TileSource``."""
