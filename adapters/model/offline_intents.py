"""What a sentence asks for: the nearest of a few hundred example sentences, or nothing when none is near."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

# FILE, COL, DATA and MODEL stand for what adapters.model.offline_slots found in the sentence.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "load": (
        "load FILE",
        "FILE",
        "open FILE",
        "read FILE",
        "please load the file FILE",
        "import the data from FILE",
        "use FILE",
        "here is my data: FILE",
        "look at FILE",
        "take FILE",
    ),
    "describe": (
        "describe COL",
        "describe COL by COL",
        "describe the data",
        "describe it",
        "describe this please",
        "compare COL by COL",
        "compare COL between COL",
        "describe DATA",
        "summarize COL per COL",
        "summarise COL",
        "summary of COL",
        "show me a summary of the data",
        "what is the mean of COL",
        "what is the average COL by COL",
        "average COL for each COL",
        "mean COL by COL",
        "median and standard deviation of COL",
        "statistics of COL",
        "what are the minimum and maximum of COL",
        "how many COL are there",
        "count COL",
        "how big is COL in each COL",
        "what columns are there",
    ),
    "compare": (
        "does COL differ between COL",
        "is there a difference in COL between COL",
        "is the difference in COL between COL significant",
        "test whether COL differs by COL",
        "run a t-test of COL by COL",
        "t test of COL by COL",
        "anova of COL by COL",
        "is COL different for each COL",
    ),
    "crosstab": (
        "crosstab of COL and COL",
        "cross tabulate COL by COL",
        "count COL by COL",
        "chi square test of COL and COL",
        "contingency table of COL and COL",
    ),
    "regress": (
        "regress COL on COL",
        "regress COL on COL and COL",
        "regression of COL on COL",
        "linear model of COL by COL",
    ),
    "distribution": (
        "is COL normal",
        "is COL normally distributed",
        "is COL normal in each COL",
        "test COL for normality",
        "test whether COL is normally distributed by COL",
        "how is COL distributed",
        "distribution of COL",
        "which distribution fits COL",
        "what distribution does COL follow",
    ),
    "outliers": (
        "find the outliers of COL",
        "outliers of COL",
        "outliers in COL by COL",
        "which rows of COL are outliers",
        "are there outliers in COL",
        "has COL any outliers",
        "which values of COL are outlying",
    ),
    "quality": (
        "check the data",
        "check the quality of DATA",
        "is the data clean",
        "is anything wrong with the data",
        "what is wrong with this data",
        "are there missing values",
        "are there duplicates or outliers",
        "check COL",
    ),
    "correlate": (
        "how does COL go with COL",
        "how does COL depend on COL",
        "correlate COL and COL",
        "correlate COL with COL by COL",
        "correlation between COL and COL",
        "is COL related to COL",
        "is there a relationship between COL and COL",
        "are COL and COL correlated",
        "what is COL associated with",
        "what correlates with COL",
        "correlations of the data",
        "correlations",
        "correlate everything",
        "show the correlation matrix",
        "spearman correlation of COL and COL",
        "does COL rise with COL",
        "how are COL and COL related",
    ),
    "detect": (
        "what could I predict",
        "what can I predict",
        "what can be predicted from this data",
        "what could I predict with DATA",
        "what is the target",
        "which column should I predict",
        "what could we learn from this",
        "what model could I train",
        "detect the schema",
        "suggest a target",
    ),
    "train": (
        "train a MODEL to predict COL",
        "train MODEL for COL",
        "train a model to predict COL",
        "train a model",
        "fit a MODEL for COL",
        "fit a MODEL to predict COL from COL and COL",
        "build a model for COL",
        "learn to predict COL",
        "predict COL with a MODEL",
        "predict COL from COL",
        "predict COL",
        "can you train a MODEL on DATA",
        "make a MODEL of COL",
    ),
    "status": (
        "how is it going",
        "how is the training going",
        "is it done",
        "is it finished yet",
        "what is the status",
        "status",
        "progress",
        "how far is the job",
        "how is my job doing",
        "are you done training",
        "how good is the model",
        "how well did it do",
        "what is the accuracy",
    ),
    "predict": (
        "predict FILE",
        "predict for FILE",
        "predictions for FILE",
        "make predictions for FILE",
        "use the model on FILE",
        "apply the MODEL to FILE",
        "predict DATA",
        "predict the rows of DATA",
        "now predict FILE",
        "score FILE",
        "run the model on FILE",
        "predict COL for FILE",
    ),
    "plot": (
        "plot COL",
        "plot COL against COL",
        "plot COL by COL",
        "make a plot of COL",
        "make a plot of COL and COL",
        "draw COL",
        "draw a picture of COL",
        "show me a plot of COL",
        "histogram of COL",
        "show a histogram of COL by COL",
        "density of COL by COL",
        "box plot of COL by COL",
        "boxplot of COL",
        "violin plot of COL by COL",
        "scatter plot of COL and COL",
        "scatter COL versus COL",
        "bar chart of COL",
        "line chart of COL over COL",
        "qq plot of COL",
        "residuals of COL on COL",
        "heat map of the correlations",
        "heatmap",
    ),
    "show": (
        "show the data",
        "show DATA",
        "show the first rows",
        "show me the first rows of DATA",
        "show me some rows",
        "what does the data look like",
        "show COL",
        "print the table",
    ),
    "dedupe": (
        "remove duplicates",
        "remove the duplicates from DATA",
        "drop duplicate rows",
        "delete the repeated rows",
        "remove duplicates of COL",
    ),
    "drop_missing": (
        "drop missing rows",
        "drop rows with missing values",
        "remove the rows with missing values from DATA",
        "drop rows where COL is missing",
        "remove rows without COL",
    ),
    "spending": (
        "what did I spend",
        "how much did I spend",
        "how much have I spent today",
        "show my spending",
        "what did this cost",
        "costs",
        "what is left of the budget",
    ),
    "models": ("list my models", "which models do I have", "show the models", "what models are there", "list models"),
    "cancel": ("cancel the job", "stop the training", "cancel it", "abort the training", "stop the job"),
    "help": (
        "help",
        "what can you do",
        "how does this work",
        "hello",
        "hi",
        "good morning",
        "who are you",
        "what are you",
        "I need help",
    ),
    "yes": ("yes", "yes please", "ok", "okay", "go ahead", "do it", "y"),
    "no": ("no", "no thanks", "do not do it", "never mind", "n"),
    "thanks": ("thanks", "thank you", "great", "perfect thanks"),
}

WORD = r"[\w']+"
MIN_SIMILARITY = 0.5
"""Below it no example is near: set so that the sentences in tests/adapters/test_offline.py are told apart."""


@dataclass(frozen=True)
class Intent:
    """What the sentence asks for, and how near the nearest example is, in [0, 1]."""

    name: str
    similarity: float


def find_intent(sentence: str) -> Intent | None:
    """The intent of the nearest example by cosine over words and pairs of words.

    None when none is near, or when the sentence holds a word of its own that no example has: "make a plot of COL" is
    near "make a MODEL of COL", and asks for something else.
    """
    trained = _trained()
    words = {word.lower() for word in re.findall(WORD, sentence)}
    if words - trained.known_words:
        return None
    similarities = (trained.matrix @ trained.vectorizer.transform([sentence]).T).toarray().ravel()
    best = int(np.argmax(similarities))
    similarity = float(similarities[best])
    return Intent(trained.names[best], similarity) if similarity >= MIN_SIMILARITY else None


@dataclass(frozen=True)
class _Trained:
    vectorizer: TfidfVectorizer
    matrix: csr_matrix
    names: list[str]
    known_words: set[str]


@cache
def _trained() -> _Trained:
    pairs = [(name, example) for name, examples in EXAMPLES.items() for example in examples]
    examples = [example for _, example in pairs]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=WORD, sublinear_tf=True)
    matrix = vectorizer.fit_transform(examples)
    known = {word.lower() for example in examples for word in re.findall(WORD, example)}
    return _Trained(vectorizer, matrix, [name for name, _ in pairs], known | ENGLISH_STOP_WORDS)
