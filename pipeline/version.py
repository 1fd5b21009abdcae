"""Which congvan this is: stored beside everything it says."""

VERSION = "0.1.0"
