"""An invented year of records for the demo county, so that every page has something to show."""
