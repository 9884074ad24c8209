"""The routes that answer with data: shape in, call the rule, shape out."""

from typing import Annotated

from fastapi import Depends, Request

from ..published import Published


def _current(request: Request) -> Published:
    published: Published = request.app.state.shelf.current()
    return published


Current = Annotated[Published, Depends(_current)]
"""The plan served now."""
