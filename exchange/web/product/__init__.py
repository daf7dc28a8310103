"""One product as a buyer judges it: description, evidence, offers, reviews."""
