from .correlation import Correlation as Correlation
from .correlation import correlate_pair as correlate_pair
from .summary import CategorySummary as CategorySummary
from .summary import NumberSummary as NumberSummary
from .summary import TimeSummary as TimeSummary
from .summary import summarize_categories as summarize_categories
from .summary import summarize_numbers as summarize_numbers
from .summary import summarize_times as summarize_times
