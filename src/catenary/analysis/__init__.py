"""What goes on in a network: the way of its gradients, their noise, and units on kinks."""

from catenary.analysis.flow import Flow, flow
from catenary.analysis.kinks import Kinks, kinks
from catenary.analysis.noise import Noise, noise
from catenary.analysis.remedy import Remedy

__all__ = ["Flow", "Kinks", "Noise", "Remedy", "flow", "kinks", "noise"]
