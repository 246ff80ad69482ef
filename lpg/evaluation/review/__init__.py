"""The review page: masks that a person accepts, rejects or has made again, in a folder that needs no server."""

from lpg.evaluation.review.write import write_review

__all__ = ["write_review"]
