"""Retrieval: what memory holds on a question, within a budget of tokens."""

from .request import PageSource, Request
from .retriever import Retriever

__all__ = ["PageSource", "Request", "Retriever"]
