"""Parses lists of structured fields (RFC 9651) and prints their items; fails unless names are strings and parameters integers."""

import sys

import http_sf

for text in sys.argv[1:]:
    for name, parameters in http_sf.parse(text.encode(), tltype="list"):
        assert type(name) is str, repr(name)
        assert all(type(value) is int for value in parameters.values()), repr(parameters)
        print(name, *(f"{key}={value}" for key, value in parameters.items()))
