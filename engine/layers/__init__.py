"""Geographic layers (population, land cover, climate, countries, ...) as partitions."""
