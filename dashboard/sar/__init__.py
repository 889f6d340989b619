"""The panel of the job "Search and rescue": point, subject, segments, table, next segments, files."""
