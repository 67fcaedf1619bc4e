"""Every sentence that Claude or the user reads: Jinja templates in `templates/`, given their values by `render`."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from prompts.dollars import dollars


def render(name: str, **values: object) -> str:
    """The template `templates/<name>.j2` with these values, without surrounding blank lines.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for a value that was not given.
    """
    return _environment().get_template(f"{name}.j2").render(**values).strip()


def render_page(name: str, **values: object) -> str:
    """The template `templates/<name>.html.j2` with these values, each escaped: what came from data stays text.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for a value that was not given.
    """
    loader = PackageLoader("prompts", "templates")
    page = Environment(loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return page.get_template(f"{name}.html.j2").render(**values)


@cache
def _environment() -> Environment:
    # The text goes to a terminal or to Claude, never to a browser: HTML escapes would change the words.
    made = Environment(  # noqa: S701
        loader=PackageLoader("prompts", "templates"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["dollars"] = dollars
    return made
