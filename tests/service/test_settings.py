"""Settings: who goes first, and what is refused."""

from pathlib import Path

import pytest

from aedplan.errors import InputError
from service.settings import RECORDS, Settings, read_settings


def test_the_command_line_goes_before_the_environment_and_that_before_the_default():
    assert read_settings({}) == Settings(Path("out/demo"), "127.0.0.1", 8000)
    environment = {"AEDPLAN_PLAN": "a", "AEDPLAN_HOST": "::1", "AEDPLAN_PORT": "9", "HOME": "x"}
    assert read_settings(environment) == Settings(Path("a"), "::1", 9)
    assert read_settings(environment, plan="b", host="0.0.0.0", port="0") == Settings(Path("b"), "0.0.0.0", 0)


@pytest.mark.parametrize("port", ["", "x", "-1", "65536", "80.0", "８０", " 80"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(InputError, match="AEDPLAN_PORT"):
        read_settings({"AEDPLAN_PORT": port})


def test_all_faults_stand_in_one_message():
    with pytest.raises(InputError) as caught:
        read_settings({"AEDPLAN_HOTS": "x", "AEDPLAN_ZZ": "", "AEDPLAN_PLAN": " "}, port="high")
    assert len(caught.value.faults) == 4
    assert "did you mean AEDPLAN_HOST?" in str(caught.value)
    assert "--port is 'high'" in str(caught.value)


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://cluster:8786", "tcp://cluster", "tcp://a b:1"])
def test_a_scheduler_is_named_by_its_address(address):
    with pytest.raises(InputError, match=r"AEDPLAN_SCHEDULER is .* expected tcp://host:port"):
        read_settings({"AEDPLAN_SCHEDULER": address})
    assert read_settings({"AEDPLAN_SCHEDULER": "tcp://10.0.0.2:8786"}).scheduler == "tcp://10.0.0.2:8786"


def test_every_setting_reaches_the_field_of_its_name():
    names = [name for name in RECORDS if name not in ("AEDPLAN_DATA", "AEDPLAN_SCHEDULER", "AEDPLAN_PUBLIC_URL")]
    environment = {name: f"value of {name}" for name in names}
    environment |= {"AEDPLAN_SCHEDULER": "tcp://a:1", "AEDPLAN_PUBLIC_URL": "https://aed.example.org"}
    read = read_settings(environment)
    assert {name: getattr(read, name.removeprefix("AEDPLAN_").lower()) for name in environment} == environment


@pytest.mark.parametrize(
    "address", ["aed.example.org", "ftp://aed.example.org", "https://a b", "https://a/?x=1", "javascript:x"]
)
def test_a_public_address_that_is_none_is_refused(address):
    with pytest.raises(InputError, match="AEDPLAN_PUBLIC_URL"):
        read_settings({"AEDPLAN_PUBLIC_URL": address})


def test_secrets_come_from_a_file_that_only_its_owner_may_read_and_the_environment_goes_before(tmp_path):
    file = tmp_path / "secrets"
    file.write_text("# keys\n\nAEDPLAN_KEY = of the file\nAEDPLAN_SMTP_URL=smtp://a:b=c@mail\n", encoding="utf-8")
    environment = {"AEDPLAN_SECRETS": str(file)}
    for mode in (0o644, 0o640, 0o604):
        file.chmod(mode)
        with pytest.raises(InputError, match=r"others may read .*chmod 600") as caught:
            read_settings(environment)
        assert "of the file" not in str(caught.value)
    file.chmod(0o600)
    read = read_settings(environment)
    assert (read.key, read.smtp_url) == ("of the file", "smtp://a:b=c@mail")
    assert read_settings(environment | {"AEDPLAN_KEY": "mine"}).key == "mine"
    assert "of the file" not in repr(read)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no line of a setting", "line 1: expected NAME=value"),
        ("AEDPLAN_KYE=x", "AEDPLAN_KEY"),
        (None, "cannot be read"),
    ],
)
def test_a_file_of_secrets_that_cannot_be_meant_is_refused(tmp_path, text, fault):
    file = tmp_path / "secrets"
    if text is not None:
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
    with pytest.raises(InputError, match=fault):
        read_settings({"AEDPLAN_SECRETS": str(file)})
