"""The routes that answer with data: shape in, call the rule, shape out."""

from typing import Annotated

from fastapi import Depends, Request

from ..published import Published


def current_of(request: Request) -> Published:
    """The plan served now."""
    published: Published = request.app.state.shelf.current()
    return published


Current = Annotated[Published, Depends(current_of)]
"""The plan served now."""
