"""What studies store on disk: records, trial folders and tables, read and written."""
