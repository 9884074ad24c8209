"""What `python -m service` does with the records: make, add a user, back up, restore, export, import, upgrade.

Each prints what it did and raises InputError when it could not.
"""

import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import exc

from aedplan import InputError

from . import accounts, backups, exports, migrations, reminding
from .channels import make_channels
from .db import Database, now
from .errors import ServiceError
from .history import By
from .looks import rebuild
from .sealing import KEY_FILE, make_key
from .settings import Settings, data_folder
from .tables import Account

KEY_NOTE = "姓名和电话只能用密钥打开，请另存一份 / names and phones open only with the key; keep a copy elsewhere"


def init(settings: Settings, *, demo: bool = False) -> None:
    """Make the key and the tables; what is there already stays.

    demo  whether the demo county's invented records go into it, which must be empty
    """
    folder = data_folder(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.key and make_key(folder):
        print(f"{folder / KEY_FILE}: {KEY_NOTE}")
    with _database(settings, make=True) as database:
        _upgrade(database)
        if demo:
            _fill_demo(settings, database)
            return
    print("第一位管理员 / the first administrator: python -m service add-user NAME --role administrator")


def _fill_demo(settings: Settings, database: Database) -> None:
    from .demo.records import fill

    links = fill(database, at=now())
    print("示例县的档案已建立（虚构数据） / the demo county's records are made (invented data)")
    _print_links(settings, links)


def link(settings: Settings, names: list[str]) -> None:
    """Print a new one-time link for some accounts; the password of each stays as it is."""
    with _database(settings) as database:
        database.check_schema()
        with database.session(By(None, "command", now())) as session:
            found = {name: accounts.find_account(session, name) for name in names}
            missing = ", ".join(name for name, account in found.items() if account is None)
            if missing:
                raise InputError(f"{database.name}: 没有账号 / no account named {missing}")
            links = {name: accounts.make_link(session, account) for name, account in found.items() if account}
    _print_links(settings, links)


def _print_links(settings: Settings, links: Mapping[str, str]) -> None:
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    print("每个链接可登录一次，七天有效 / each link lets in once, within seven days:")
    for name, token in links.items():
        print(f"{name:<14} {address}/in#{token}")


def upgrade(settings: Settings) -> None:
    """Bring the tables up to this program's version."""
    with _database(settings) as database:
        _upgrade(database)


def _upgrade(database: Database) -> None:
    with database.engine.execution_options(writes=True).begin() as connection:
        before = migrations.revision(connection)
        if before is not None and not migrations.known(connection, before):
            what = f"{database.name}: its tables are of version {before}, newer than this program's {migrations.HEAD}"
            raise InputError(f"{what}; take the newer program, or read in a backup of before: restore FILE --replace")
        migrations.upgrade(connection)
        rebuild(connection)
    print(f"{database.name}: {before or '-'} -> {migrations.HEAD}")


def add_user(settings: Settings, name: str, role: str, *, link: bool) -> None:
    """Add an account with the password typed or piped in, or with a link that lets in once."""
    with _database(settings) as database:
        database.check_schema()
        password = "" if link else _ask_password()
        if not (password or link):
            raise InputError("没有读到密码 / no password was given; or add --link")
        with database.session(By(None, "command", now())) as session:
            account = accounts.add_account(session, Account(name=name, role=role), password=password)
            token = accounts.make_link(session, account) if link else ""
    print(f"{account.name}: {account.role}")
    if token:
        print(f"/in#{token}")


def propose(settings: Settings, folder: Path) -> None:
    """Put the chosen sites of a plan on record as proposed."""
    from .published import read_published
    from .records import proposals

    published = read_published(folder)
    with _database(settings) as database:
        database.check_schema()
        with database.session(By(None, "command", now())) as session:
            plan, found = proposals.propose(session, published.summary, published.proposed)
    added = sum(one.added for one in found)
    known = len(found) - added
    print(f"{plan.title}：新增拟设点位 {added} 个，已有 {known} 个 / {added} sites proposed, {known} known")


def remind(settings: Settings) -> None:
    """Find what is due and send what waits, once."""
    channels = make_channels(settings)
    with _database(settings) as database:
        database.check_schema()
        found, sent = reminding.remind(database, channels)
    ways = ", ".join(channels) or "-"
    print(f"到期 {found} 项，已发送 {sent} 条（{ways}） / {found} due, {sent} messages sent")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("密码 / password: ")
    if getpass.getpass("再输一次 / again: ") != password:
        raise InputError("两次密码不同 / the two differ")
    return password


def backup(settings: Settings, path: Path) -> None:
    """Write a backup while the service goes on."""
    with _database(settings) as database:
        database.check_schema()
        rows = backups.backup(database, path)
    print(f"{path}: {_told(rows)}; {KEY_NOTE}")


def restore(settings: Settings, path: Path, *, replace: bool) -> None:
    """Read a backup in."""
    with _database(settings, make=True) as database:
        rows = backups.restore(database, path, replace=replace)
    print(f"{database.name}: {_told(rows)}")


def export(settings: Settings, folder: Path) -> None:
    """Write everything as CSV and GeoJSON."""
    with _database(settings) as database:
        database.check_schema()
        rows = exports.export_folder(database, folder)
    print(f"{folder}: {_told(rows)}")


def import_(settings: Settings, folder: Path, *, replace: bool) -> None:
    """Read in what was exported."""
    with _database(settings, make=True) as database:
        rows = exports.import_folder(database, folder, replace=replace)
    print(f"{database.name}: {_told(rows)}")


@contextmanager
def _database(settings: Settings, *, make: bool = False) -> Iterator[Database]:
    """The database; one that cannot be asked, or refuses, is one clear message.

    make  whether its SQLite file is made where there is none
    """
    database = Database(settings)
    try:
        if make and database.file is not None and not database.file.exists():
            database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            database.file.touch(mode=0o600)
        yield database
    except (exc.OperationalError, exc.InterfaceError, exc.DisconnectionError) as error:
        raise InputError(f"{database.name}: cannot be opened: {str(error.args[0]).strip()}") from error
    except ServiceError as error:
        raise InputError(f"{error.message_zh} {error.message_en}") from error
    finally:
        database.close()


def _told(rows: backups.Rows) -> str:
    return f"{sum(rows.values()):,} rows of {len(rows)} tables"
