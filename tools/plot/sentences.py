"""Sentences that ask for a picture."""

from __future__ import annotations

from tools.asked import Sentences

DRAW = "[plot|draw|make|create|picture of]"


OVER = "(by|per|for each|in each|across|over|against|vs|along)"


AGAINST = "(against|vs|versus|and|by|with|on)"
SENTENCES = (
    Sentences(
        (
            f"{DRAW} {{kind:shape}} (of|for) {{x:number}}",
            f"{DRAW} {{kind:shape}} (of|for) {{x:number}} (by|per|for each|in each|across) {{color:col}}",
            f"{DRAW} {{kind:boxes}} (of|for) {{x:number}}",
            f"{DRAW} {{kind:boxes}} (of|for) {{y:number}} {OVER} {{x:col}}",
            f"{DRAW} (bar chart|bar plot|bar graph|barplot|bars) (of|for) [number of|counts of] {{x:col}} "
            f'{{kind="bar"}}',
            f"{DRAW} (bar chart|bar plot|bar graph|barplot) (of|for) [mean|average] {{y:number}} {OVER} {{x:col}} "
            f'{{kind="bar"}}',
            f'{DRAW} (bar chart|bar plot|bar graph|barplot) (of|for) {{x:text}} by {{color:col}} {{kind="bar"}}',
            f"{DRAW} (line chart|line plot|line graph|time series) (of|for) [mean|average] {{y:number}} {OVER} "
            f'{{x:col}} {{kind="line"}}',
            '(plot|draw) {y:number} over {x:col} {kind="line"}',
            '(plot|draw|plot of|picture of|graph of|graph) {x:number} {kind="histogram"}',
            '(plot|draw|plot of|picture of|graph of|graph) {x:text} {kind="bar"}',
            '(plot|draw|plot of|graph of|graph) {y:number} by {x:text} {kind="box"}',
            f'{DRAW} (heat map|heatmap) of {{x:text}} (by|and|against|vs) {{y:text}} {{kind="heatmap"}}',
        ),
        ("color", "where", "data"),
    ),
    Sentences(
        (
            f"{DRAW} (scatter|scatter plot|scatterplot|scatter diagram|scatter chart) [of|for] {{y:number}} "
            f'{AGAINST} {{x:number}} {{kind="scatter"}}',
            '(plot|draw|plot of|graph of|graph) {y:number} (against|vs|and|with|by) {x:number} {kind="scatter"}',
        ),
        ("color", "where", "data", "noline"),
    ),
    Sentences(
        (
            f"{DRAW} (scatter|scatter plot|scatterplot) [of|for] {{y:number}} {AGAINST} {{x:number}} "
            f'(by|for each|per|colored by|color by|grouped by) {{color:col}} {{kind="scatter"}}',
            "(plot|draw|plot of|graph of|graph) {y:number} (against|vs) {x:number} "
            '(by|for each|per|colored by|color by|grouped by) {color:col} {kind="scatter"}',
        ),
        ("where", "data", "noline", "commonline"),
    ),
    Sentences(
        (
            f"{DRAW} (residuals|residual plot|residuals plot) (of|for|from) {{y:number}} (on|against|vs|from) "
            f'{{x:number}} {{kind="residuals"}}',
            f"{DRAW} (heat map|heatmap|correlation heatmap|correlation heat map) [(of|for) [all] (correlations|data|"
            f'correlation matrix|columns)] {{kind="heatmap"}}',
            f"{DRAW} (correlation heatmap|correlation heat map|heatmap|heat map) (of|for) {{columns:numbers3}} "
            f'{{kind="heatmap"}}',
            f"{DRAW} (pair plot|pairs plot|pairplot|scatter matrix|scatterplot matrix) (of|for) "
            f'{{columns:numbers2}} {{kind="pair"}}',
            f'{DRAW} (roc|roc curve) (of|for) {{x:number}} (against|vs|for) {{y:col}} {{kind="roc"}}',
        ),
        ("where", "data"),
    ),
)
