"""Where tile pictures come from; one file per kind, all behind ``engine.tile_search.imagery.TileSource``."""
