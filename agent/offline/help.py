"""What the offline planner says about itself."""

from __future__ import annotations

from collections.abc import Sequence

HELP = """I am the offline planner: no key for Claude is set, so I understand only simple sentences. I can

- load a file: `load evals/data/penguins.csv`
- describe columns: `describe body_mass_g by species`, `mean body mass for adelie only`, `… in 2008`
- check the data: `is anything wrong with the data?`
- look at it: `show the first rows`; clean it: `remove duplicates`, `drop rows with missing values`
- correlate: `how does bill length go with body mass?`
- compare: `does body mass differ between species?`; count: `crosstab of species and island`
- explain: `regress body mass on flipper length and species`, `logistic regression of sex on body mass`
- look closer: `is body mass normally distributed?`, `find the outliers of body mass by species`
- draw: `box plot of body mass by species`, `plot bill length against body mass`
- say what could be predicted: `what could I predict?`
- train a model: `train a random forest to predict species` (the price is shown first, and you are asked)
- follow it: `how is it going?`, `cancel the job`, `list my models`
- say what it cost: `what did I spend?`
- look into it: `coefficients of the ridge`, `residuals of the ridge`, `compare the models`
- predict: `predict evals/data/penguins_new.csv`, `predict body mass if flipper length is 200 and sex is male`

With ANTHROPIC_API_KEY set, Claude answers, and understands far more."""

_NO_DATA = "Nothing is loaded yet. Load a file first: `load evals/data/penguins.csv`."


def no_data(there: Sequence[str]) -> str:
    """What to do where the conversation has no dataset; `there` names those of earlier conversations."""
    if not there:
        return _NO_DATA
    return (
        f"This conversation has no dataset yet. Name one from earlier ({', '.join(there)}), as in `describe "
        f"{there[0]}`, or load a file."
    )
