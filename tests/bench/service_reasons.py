"""Why a row of the service's benchmark is not met, by the key of the row; printed only where it is not."""

REASONS: dict[str, str] = {}
