"""Training: fit a network to data, with its history, checkpoints and callbacks."""

from catenary.train.callbacks import Callback
from catenary.train.checkpoint import Checkpoint
from catenary.train.evaluate import evaluate, predict
from catenary.train.examples import Examples
from catenary.train.fit import FitResult, fit
from catenary.train.history import Epoch, History
from catenary.train.metrics import accuracy, r_squared, rmse
from catenary.train.state import State
from catenary.train.training import Training
from catenary.train.verdict import Verdict

__all__ = [
    "Callback",
    "Checkpoint",
    "Epoch",
    "Examples",
    "FitResult",
    "History",
    "State",
    "Training",
    "Verdict",
    "accuracy",
    "evaluate",
    "fit",
    "predict",
    "r_squared",
    "rmse",
]
