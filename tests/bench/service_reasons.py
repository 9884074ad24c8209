"""Why a row of the service's benchmark is not met, by the key of the row; printed only where it is not."""

_NEAREST = (
    "An answer joins the place to its street by plain numbers, reads its walks from a table and takes the best of 500 devices;"
    " what is the same for everybody is written once. It is given on the event loop where all of it is in memory, and tried"
    " before all other routes. What is left is a query to read and a body of several kB, where the empty route has two bytes."
    " The database is not asked: four runs gave 0.47x to 0.58x, as the machine happened to be."
)
_RECORD = (
    "51 who ask again at once keep one process busy without a gap: each waits for the 50 before it, so that 60 ms would need"
    " 850 checks a second, more than a third of what the empty route answers. A check is fifteen statements, so that every"
    " change is logged, 9 to 15 ms of the processor, and one process runs one at a time under Python's lock; a commit waits"
    " for the disk. Each comes in its turn and none is refused; the row beside shows the same writers with a rest of a second."
)
_START = (
    "Nearly all of it is importing libraries (SQLAlchemy and the tables, FastAPI, numpy) before the first file is read; the"
    " rooms of the records and scipy are read in after the first answers."
)
_WAIT = (
    "One process answers everybody under Python's lock: after a start it still reads in the rooms of the records, and each"
    " minute the states of all devices are told anew, for which whoever asks meanwhile waits."
)
_LIST = "All 500 devices come with their parts: rows through the ORM, shapes and some hundred kB of JSON under Python's lock."
_READINESS = "Parts, checks, defects and uses of all 500 devices are read through the ORM before they are judged."
_PACED = (
    "A check takes 10 to 14 ms of the processor, as fast as the machine happens to be, so that 50 a second keep the process"
    " busy for half to two thirds of the time; on PostgreSQL each of its statements is a way there and back, after which it"
    " waits for Python's lock anew. Six shorter runs of the same code gave 52 to 118 ms on PostgreSQL."
)
_MEMORY = (
    "numpy, SQLAlchemy, FastAPI's shapes and scipy take half of it; the rest is the walks' table, four bytes for each device"
    " and street node, the pages, and what Python keeps after many threads."
)

REASONS: dict[str, str] = {
    f"{database}-{key}": reason
    for database in ("sqlite", "postgresql")
    for key, reason in (
        ("nearest", _NEAREST),
        ("wait", _WAIT),
        ("list", _LIST),
        ("ready", _READINESS),
        ("ready-route", _READINESS),
        ("paced", _PACED),
        ("memory", _MEMORY),
        ("record", _RECORD),
        ("start", _START),
        ("start-nearest", _START),
    )
}
