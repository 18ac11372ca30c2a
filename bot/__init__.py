"""xueshi: tells a person how many continuing-education hours (学时) are still missing."""
