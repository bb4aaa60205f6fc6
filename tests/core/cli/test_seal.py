"""Keys of personal data: what the doctor says, which are used, sealing anew."""

KEY = '[[sealing.keys]]\nid = "{0}"\nsecret = {{ env = "SEAL_{0}" }}\n'
SECRETS = {"SEAL_a": "a" * 64, "SEAL_b": "b" * 64}


def findings(told: dict, subject: str) -> list[tuple[str, str]]:
    return [(one["state"], one["said"]) for one in told["findings"] if one["subject"] == subject]


def test_the_doctor_says_that_personal_data_lies_in_clear_and_that_all_is_declared(ready_build):
    told = ready_build.told("doctor")
    [(state, said)] = findings(told, "sealing")
    assert (state, told["code"]) == ("advice", 0)
    assert "in clear" in said
    assert findings(told, "personal data") == []


def test_keys_are_changed_by_two_commands(ready_build):
    ready_build.write(KEY.format("a") + KEY.format("b"))
    again = ready_build.told("seal", "again", **SECRETS)
    assert (again["code"], again["newest"]) == (0, "b")
    keys = ready_build.told("seal", "keys", **SECRETS)
    assert (keys["code"], keys["missing"]) == (0, [])
    told = ready_build.told("doctor", **SECRETS)
    assert findings(told, "sealing") == [("ok", "personal data is sealed with b")]
