from .planner import OfflineModel as OfflineModel
