"""The planner for when there is no Claude: every word of a sentence is accounted for, or nothing is done."""

from adapters.model.offline.planner import OfflineModel as OfflineModel
