"""Settings: who goes first, and what is refused."""

from pathlib import Path

import pytest

from aedplan.errors import InputError
from service.settings import Settings, read_settings


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
