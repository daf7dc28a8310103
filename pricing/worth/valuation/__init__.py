"""What a data asset is worth: methods, their workings, conclusions and reports."""
