"""What F-UJI's metrics v0.8 and v0.5 are made of: their tests, each with its points.

Specified by: FAIRsFAIR Data Object Assessment Metrics (doi:10.5281/zenodo.6461229), as F-UJI's files of metrics have
them.
"""

from typing import NamedTuple


class Metric(NamedTuple):
    total: float
    alternative: bool
    """Whether the best of its tests counts, not their sum."""
    tests: dict[str, float]
    """Points by what follows the metric's name."""


V0_8 = {
    "FsF-F1-01MD": Metric(1, False, {"1": 1, "2": 0}),
    "FsF-F1-02MD": Metric(1, False, {"1": 0.5, "2": 0.5, "4": 0, "5": 0}),
    "FsF-F2-01M": Metric(2, False, {"2": 1, "3": 1}),
    "FsF-F3-01M": Metric(1, False, {"2": 1}),
    "FsF-F4-01M": Metric(2, False, {"1": 2}),
    "FsF-A1-01M": Metric(1, True, {"1": 1}),
    "FsF-A1-02MD": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-A1.1-01MD": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-A1.2-01MD": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-I1-01M": Metric(2, True, {"1": 2, "2": 2}),
    "FsF-I2-01M": Metric(2, False, {"2": 2}),
    "FsF-I3-01M": Metric(2, True, {"1": 2, "2": 2}),
    "FsF-R1-01M": Metric(2, False, {"1": 1, "2": 1, "3": 0}),
    "FsF-R1.1-01M": Metric(1, False, {"1": 1}),
    "FsF-R1.2-01M": Metric(1, True, {"1": 1, "2": 1}),
    "FsF-R1.3-01M": Metric(1, True, {"1": 1, "3": 1}),
    "FsF-R1.3-02D": Metric(1, True, {"1": 1}),
}
V0_5 = {
    "FsF-F1-01D": Metric(1, True, {"1": 1, "2": 0.5}),
    "FsF-F1-02D": Metric(1, True, {"1": 0.5, "2": 1}),
    "FsF-F2-01M": Metric(2, False, {"1": 0.5, "1a": 0.5, "1b": 0.5, "1c": 0.5, "1d": 0.5, "2": 0.5, "3": 1}),
    "FsF-F3-01M": Metric(1, False, {"1": 0.5, "2": 0.5}),
    "FsF-F4-01M": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-A1-01M": Metric(1, True, {"1": 0.5, "3": 1, "2": 1}),
    "FsF-A1-03D": Metric(1, False, {"1": 1}),
    "FsF-A1-02M": Metric(1, False, {"1": 1}),
    "FsF-A2-01M": Metric(1, False, {"1": 1}),
    "FsF-I1-01M": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-I2-01M": Metric(1, False, {"1": 0, "2": 1}),
    "FsF-I3-01M": Metric(1, False, {"1": 1, "2": 1}),
    "FsF-R1-01MD": Metric(4, False, {"1_ss": 1, "1a": 0, "1b": 0, "2": 1, "2a": 0, "2b": 0, "3": 1, "4": 1}),
    "FsF-R1.1-01M": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-R1.2-01M": Metric(2, False, {"1": 1, "2": 1}),
    "FsF-R1.3-01M": Metric(1, True, {"1": 1, "2": 1, "3": 0}),
    "FsF-R1.3-02D": Metric(1, True, {"1": 1, "1a": 0, "1b": 0, "1c": 0}),
}
