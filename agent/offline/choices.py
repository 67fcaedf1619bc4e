"""The words for what a tool's argument can be, each with the value that the tool takes."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.compute.registered import REGISTERED
from adapters.records import JsonValue
from tools.estimate_cost.sentences import NETWORK
from tools.jobs.quoting import CLOUD
from tools.ml import AUTO, JOB_MODELS

PLAIN = (
    "mean|means|average|averages|avg|arithmetic mean|sd|std|"
    "sds|stdev|std dev|standard deviation|standard deviations|"
    "quartiles|q1|q3|first quartile|third quartile|lower quartile|upper quartile|five number summary"
)
IN_ORDER = "min|minimum|max|maximum|median|medians"
"""Dates have them too."""
COUNTED = "n"
DETAILED = (
    "sum|total|variance|range|iqr|interquartile range|mad|median absolute deviation|standard error|"
    "standard error of the mean|skewness|kurtosis|coefficient of variation|cv|geometric mean|harmonic mean"
)
CHOICES: Mapping[str, Mapping[str, JsonValue]] = {
    "statistic": {
        f"({PLAIN})": "number",
        f"({IN_ORDER})": "order",
        f"({COUNTED})": "any",
        f"({DETAILED})": "number in detail",
        "(mode|modes)": "any in detail",
    },
    "correlation": {
        "pearson": "pearson",
        "spearman [rank]": "spearman",
        "spearman rho": "spearman",
        "kendall": "kendall",
        "kendall tau [b]": "kendall",
    },
    "correction": {
        "holm": "holm",
        "bonferroni": "bonferroni",
        "(benjamini hochberg|fdr|false discovery rate)": "benjamini_hochberg",
    },
    "grouptest": {
        "[two sample|independent|independent samples|unpaired|independent two sample] t [test]": "t",
        "(welch|welch t) [test]": "welch",
        "student [t] [test]": "student",
        "[one way] (anova|analysis of variance)": "anova",
        "welch [one way] anova": "welch_anova",
        "(kruskal|kruskal wallis|kruskal wallis h) [test]": "kruskal",
        "(mann whitney|mann whitney u|wilcoxon rank sum|rank sum) [test]": "mann_whitney",
        "(ks|kolmogorov smirnov|two sample kolmogorov smirnov) [test]": "ks",
        "levene [test]": "levene",
        "bartlett [test]": "bartlett",
        "fligner [killeen] [test]": "fligner",
        "brown forsythe [test]": "brown_forsythe",
        "(test of proportions|proportion test|proportions test|two proportion test)": "proportions",
    },
    "pairtest": {
        "(paired|paired samples|dependent) t [test]": "paired",
        "(wilcoxon signed rank|signed rank|paired wilcoxon) [test]": "wilcoxon",
    },
    "onetest": {"one sample t [test]": "t", "one sample wilcoxon [signed rank] [test]": "wilcoxon"},
    "manytest": {"friedman [test]": "friedman", "repeated [measures] anova": "repeated_anova"},
    "tabletest": {
        "(chi square|chi squared|chi2|pearson chi square|pearson chi squared) [test]": "chi_square",
        "(fisher|fisher exact) [test]": "fisher",
        "mcnemar [test]": "mcnemar",
    },
    "direction": {
        "(greater|higher|larger|bigger|more|longer|heavier)": "greater",
        "(less|lower|smaller|shorter|lighter)": "less",
    },
    "outliermethod": {
        "(iqr|tukey|interquartile range|boxplot|box plot)": "iqr",
        "(z|zscore|zscores|z score|z scores)": "zscore",
        "(mad|median absolute deviation|modified z score|modified z scores)": "mad",
        "(mahalanobis|mahalanobis distance)": "mahalanobis",
        "isolation [forest|forests]": "isolation_forest",
    },
    "replacement": {
        "mean": "mean",
        "median": "median",
        "(missing|nothing|missing values|na|null)": "missing",
        "[nearest] (bound|bounds|fence|limit)": "bound",
    },
    "regression": {
        "[simple|multiple] [ols|linear|least squares|ordinary least squares] (regression|model)": "ols",
        "ols": "ols",
        "(logit|logistic)": "logit",
        "[binary|multiple] (logistic|logit) (regression|model)": "logit",
        "poisson (regression|model)": "poisson",
    },
    "shape": {
        "(histogram|histograms)": "histogram",
        "(density|density plot|density curve|kde)": "density",
        "[normal] (qq|q q) [plot]": "qq",
    },
    "boxes": {
        "(box plot|box plots|box and whisker plot|box chart)": "box",
        "(violin|violins|violin plot|violin plots)": "violin",
    },
    "order": {
        "(desc|descending|decreasing|in descending order|in decreasing order|from high to low|largest first)": True,
        "(asc|ascending|increasing|in ascending order|in increasing order|from low to high|smallest first)": False,
    },
    "extreme": {
        "(largest|highest|biggest|greatest|maximum|longest|heaviest)": "DESC",
        "(smallest|lowest|least|minimum|shortest|lightest)": "ASC",
    },
    "filling": {
        "(mean|average)": "mean",
        "median": "median",
        "(mode|most frequent value|most common value)": "mode",
        "(previous value|last value|value before)": "forward",
    },
    "aggregate": {
        "(mean|average)": "mean",
        "median": "median",
        "(sum|total)": "sum",
        "(min|minimum|smallest)": "min",
        "(max|maximum|largest)": "max",
        "(sd|std|standard deviation)": "sd",
    },
    "scaling": {
        "(standardize|z score|z standardize)": "standard",
        "(min max scale|minmax scale|min max normalize)": "minmax",
        "robust scale": "robust",
    },
    "encoding": {"(one hot|onehot|dummy)": "onehot", "(ordinal|label)": "ordinal"},
    "totype": {
        "(number|numbers|numeric|float)": "number",
        "(integer|integers|whole numbers)": "integer",
        "(text|string|strings)": "text",
        "(date|dates)": "date",
        "boolean": "boolean",
    },
    "model": {
        **{model.phrase: model.name for model in JOB_MODELS},
        "(mlp|neural network|neural net|multilayer perceptron)": NETWORK,
    },
    "typed": {model.phrase: model.name for model in JOB_MODELS if model is not AUTO},
    "backend": {"[the] cloud": CLOUD, **{one.phrase: name for name, one in REGISTERED.items()}},
}
