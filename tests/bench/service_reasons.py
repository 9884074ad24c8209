"""Why a row of the service's benchmark is not met, by the key of the row; printed only where it is not."""

_NEAREST = (
    "An answer joins the place to its street, reads its walks from a table and orders 500 devices: some forty steps of numpy"
    " on small arrays and a body of several kB, all in one process under Python's lock, while the empty route makes nothing."
    " It is given on the event loop where all of it is in memory, and tried before all other routes. What is left is joining"
    " the place to its street (a third), then what the framework does with every route; next: a compiled step for one place."
)
_RECORD = (
    "51 who ask again at once keep one process busy without a gap: each waits for the 50 before it, so that 60 ms would need"
    " 850 checks a second, more than a third of what the empty route answers. A check is some 25 statements through the ORM,"
    " so that every change is logged, and one process runs one at a time under Python's lock; a commit waits for the disk."
    " Each comes in its turn and none is refused; the row beside shows the same writers with a rest of a second."
)
_START = (
    "Nearly all of it is importing libraries (SQLAlchemy, FastAPI and its shapes, numpy) before the first file is read."
)

REASONS: dict[str, str] = {
    f"{database}-{key}": reason
    for database in ("sqlite", "postgresql")
    for key, reason in (
        ("nearest", _NEAREST),
        ("record", _RECORD),
        ("start", _START),
        ("start-nearest", _START),
    )
}
