"""Pages of HTML from the templates beside this module. What stands in them is escaped, and they need nothing else."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from lpg.files.atomic import replace_atomically


def write_page(path: str | Path, template: str, **values: Any) -> None:
    """Fill in a template, such as `scores.html`, and write the page."""
    pages = Environment(
        loader=PackageLoader("lpg.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    with replace_atomically(path) as partial:
        partial.write_text(pages.get_template(template).render(values), encoding="utf-8")
