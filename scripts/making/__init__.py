"""The project's captures: what each one is, and how it is made.

A capture is a function; its name is the file's name, the first paragraph of its docstring says what it shows.
"""

from . import containers

BUILT = {}  # file name: function that returns the file's bytes
LIVE = {}  # file name: scene, a function that makes the traffic


def name_of(function, suffix):
    return function.__name__.strip("_").replace("_", "-") + suffix


def whole(suffix):
    """The function returns a file's bytes."""

    def register(function):
        BUILT[name_of(function, suffix)] = function
        return function

    return register


def frames(**options):
    """The function returns frames, which become a pcap with these options of `containers.pcap`."""

    def register(function):
        def make():
            return containers.pcap(function(), **options)

        make.__doc__ = function.__doc__
        BUILT[name_of(function, ".pcap")] = make
        return function

    return register


def shows(function):
    return " ".join(function.__doc__.split("\n\n")[0].split())
