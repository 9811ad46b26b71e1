"""How facts become rollups: the current version of each fact, added up by day and by cohort."""
