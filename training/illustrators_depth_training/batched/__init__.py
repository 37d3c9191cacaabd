"""Training samples as tensor code over whole batches, on the device that trains on them.

The same augmentation, scenes, effects, region inputs and targets as the sample maker in `samples`,
which makes one sample at a time on a processor; tests compare the two.
"""

from .corpus import CorpusTensors, load_corpus
from .maker import BatchMaker, SampleRecipe

__all__ = ["BatchMaker", "CorpusTensors", "SampleRecipe", "load_corpus"]
