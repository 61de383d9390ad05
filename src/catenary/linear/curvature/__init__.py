"""Curvature of any traced function: Hessian, Gauss–Newton and Fisher as maps, and their spectra."""

from catenary.linear.curvature.blocks import LinkBlocks, link_blocks
from catenary.linear.curvature.data_map import DataMap
from catenary.linear.curvature.density import SpectralDensity, density
from catenary.linear.curvature.extremes import Extremes, extremes
from catenary.linear.curvature.fisher import empirical_fisher, fisher
from catenary.linear.curvature.gauss_newton import gauss_newton
from catenary.linear.curvature.hessian_map import hessian
from catenary.linear.curvature.kfac import KroneckerFactors, kfac
from catenary.linear.curvature.lanczos import Eigenpairs, eigenpairs
from catenary.linear.curvature.sharpness import Condition, Sharpness, condition_number, sharpness
from catenary.linear.curvature.trace import Estimate, diagonal, trace

__all__ = [
    "Condition",
    "DataMap",
    "Eigenpairs",
    "Estimate",
    "Extremes",
    "KroneckerFactors",
    "LinkBlocks",
    "Sharpness",
    "SpectralDensity",
    "condition_number",
    "density",
    "diagonal",
    "eigenpairs",
    "empirical_fisher",
    "extremes",
    "fisher",
    "gauss_newton",
    "hessian",
    "kfac",
    "link_blocks",
    "sharpness",
    "trace",
]
