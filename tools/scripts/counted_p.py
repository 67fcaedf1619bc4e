"""A p that statagent counts out is counted out by an exported script too: the same functions are copied."""

from __future__ import annotations

from tools.scripting import Script
from tools.stats import bounds, exact, fisher


def need_counts(writer: Script) -> None:
    """What counts p out, as statagent does."""
    writer.need(exact.spearman_p, exact._sums_of_products, exact.kendall_p, exact._sums_of_signs, exact._two_sided)
    writer.need(exact.rank_sum_p, exact.signed_rank_p, exact.smirnov_p, exact.twice_ranks, exact._spread_out)
    writer.need(exact._p_and_least, exact.least_p, bounds.bound_above)
    writer.imports |= {"import numpy as np", "from functools import lru_cache", "from itertools import combinations"}


def need_fisher(writer: Script) -> None:
    """What counts or draws tables, as statagent does: the same draws."""
    writer.need(fisher.FisherP, fisher.fisher_p, fisher.count_tables, fisher._ended, fisher._fillings)
    writer.imports |= {
        "import numpy as np",
        "from dataclasses import dataclass",
        "from collections.abc import Iterator",
    }
