"""The progress bar of commands that take a while."""

import time

SECONDS_WITHOUT_BAR = 2.0
COUNTED = "{desc} {n_fmt}/{total_fmt} {elapsed}"
UNCOUNTED = "{desc} {elapsed}"


class Bar:
    """A progress bar on standard error for whatever takes over two seconds; none when that is not a terminal."""

    def __enter__(self) -> "Bar":
        from tqdm import tqdm

        self.visible_at = time.monotonic() + SECONDS_WITHOUT_BAR
        self.bar = tqdm(
            total=0,
            delay=SECONDS_WITHOUT_BAR,
            disable=None,
            leave=False,
            bar_format=UNCOUNTED,
        )
        return self

    def show(self, what: str, done: int, whole: int) -> None:
        """Say what is being done, and how far it is; `whole` is 0 where that cannot be counted."""
        self.bar.bar_format = COUNTED if whole else UNCOUNTED
        self.bar.set_description_str(what, refresh=False)
        self.bar.total, self.bar.n = whole, done
        if time.monotonic() >= self.visible_at:
            self.bar.refresh()

    def __exit__(self, *_: object) -> None:
        self.bar.close()
