"""What the service answers when it cannot do what was asked: a status and one message in Chinese and English."""


class ServiceError(Exception):
    """A request that cannot be answered."""

    def __init__(self, status: int, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.status = status
        self.message_zh = message_zh
        self.message_en = message_en


def error_of_status(status: int) -> ServiceError:
    """The error for a status that the framework came to by itself."""
    zh, en = _WORDS.get(status, _WORDS[500] if status >= 500 else _WORDS[400])
    return ServiceError(status, zh, en)


_FIRST_ZH, _FIRST_EN = "如有人倒地，请先拨打 120。", "If someone collapsed, call 120 first."
_WORDS = {
    400: ("请求无法理解。" + _FIRST_ZH, "The request could not be understood. " + _FIRST_EN),
    404: ("没有这个页面。" + _FIRST_ZH, "There is no such page. " + _FIRST_EN),
    405: ("本服务只能读取，不接受这种请求。", "This service can only be read from; it takes no such request."),
    422: ("发来的内容无法读取。", "What was sent cannot be read."),
    413: ("内容过大，一次最多 1 MB。", "This is too large; at most 1 MiB at once."),
    500: ("服务器出错，已记入日志。" + _FIRST_ZH, "The server failed and has noted it. " + _FIRST_EN),
}
