"""Results as files: here and in the dashboard's maps longitude comes before latitude, nowhere else."""
