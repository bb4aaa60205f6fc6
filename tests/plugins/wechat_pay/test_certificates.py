"""Whose keys are trusted: the public key, the platform certificates, or both for a while."""

from datetime import timedelta

import pytest
from cryptography.x509 import load_pem_x509_certificate

from jishi_wechat_pay.account import Account
from jishi_wechat_pay.certificates import MixedKeys, PlatformCertificates, PublicKeys
from jishi_wechat_pay.problems import OutcomeUnknown, Refused, SerialUnknown
from jishi_wechat_pay.simulator import make_keys
from jishi_wechat_pay.simulator.answers import certificate_seal, public_key_seal, stamp


class Office:
    """Hands out certificates and counts how often it was asked."""

    def __init__(self, *certificates) -> None:
        self.certificates = list(certificates)
        self.asked = 0
        self.trouble: Exception | None = None

    async def download(self):
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return self.certificates


@pytest.fixture
def office(keys) -> Office:
    return Office(keys.certificate)


@pytest.fixture
def ring(office, clock) -> PlatformCertificates:
    return PlatformCertificates(office.download, clock)


async def test_certificates_are_fetched_when_the_first_is_needed(ring, office, keys):
    assert office.asked == 0
    key = await ring.key_for(keys.certificate_serial)
    assert key.public_numbers() == keys.certificate_key.public_key().public_numbers()
    assert office.asked == 1


async def test_a_serial_is_a_number_however_it_is_written(ring, keys):
    assert await ring.key_for(keys.certificate_serial.lower())
    assert await ring.key_for("00" + keys.certificate_serial)


async def test_certificates_are_kept_for_twelve_hours(ring, office, keys, clock):
    await ring.key_for(keys.certificate_serial)
    clock.advance(timedelta(hours=11, minutes=59))
    await ring.key_for(keys.certificate_serial)
    assert office.asked == 1
    clock.advance(timedelta(minutes=1))
    await ring.key_for(keys.certificate_serial)
    assert office.asked == 2


async def test_an_unknown_serial_is_looked_for_once_and_then_refused(ring, office, keys, clock):
    await ring.key_for(keys.certificate_serial)
    clock.advance(timedelta(minutes=2))
    for _ in range(100):
        with pytest.raises(SerialUnknown):
            await ring.key_for("5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC")
    assert office.asked == 2


async def test_a_new_certificate_is_found_when_its_serial_turns_up(ring, office, keys, clock):
    await ring.key_for(keys.certificate_serial)
    renewed = make_keys("1900000109", ["wx1234"], clock.now())
    office.certificates.append(renewed.certificate)
    clock.advance(timedelta(minutes=1))
    assert await ring.key_for(renewed.certificate_serial)


async def test_a_renewal_that_fails_leaves_the_old_certificates_trusted(ring, office, keys, clock):
    await ring.key_for(keys.certificate_serial)
    office.trouble = OutcomeUnknown("no answer")
    clock.advance(timedelta(hours=13))
    assert await ring.key_for(keys.certificate_serial)


async def test_without_any_certificate_trouble_is_not_taken_for_a_forgery(ring, office, keys):
    office.trouble = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        await ring.key_for(keys.certificate_serial)


async def test_a_merchant_without_certificates_knows_no_serial(ring, office, keys):
    office.trouble = Refused(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书")
    with pytest.raises(SerialUnknown):
        await ring.key_for(keys.certificate_serial)


async def test_an_expired_certificate_is_not_trusted(ring, keys, clock):
    clock.advance(timedelta(days=5 * 365))
    with pytest.raises(SerialUnknown):
        await ring.key_for(keys.certificate_serial)


@pytest.mark.parametrize("serial", ["", "zz", "-1", "9" * 1000, "PUB_KEY_ID_1", "0x"])
async def test_nonsense_is_no_serial(ring, serial):
    with pytest.raises(SerialUnknown):
        await ring.key_for(serial)


async def test_both_kinds_are_told_apart_by_their_beginning(ring, office, keys):
    public_key = keys.platform_key.public_key()
    mixed = MixedKeys(PublicKeys({"PUB_KEY_ID_1": public_key}), ring)
    assert await mixed.key_for("PUB_KEY_ID_1") is public_key
    assert office.asked == 0
    assert await mixed.key_for(keys.certificate_serial)
    with pytest.raises(SerialUnknown):
        await mixed.key_for("PUB_KEY_ID_2")


async def test_a_merchant_in_certificate_mode_reads_notices(wechat, certificate_settings, clock):
    wechat.world.terms.mode = "certificates"
    account = Account(certificate_settings, wechat.http, clock)
    verifier = account.notices._verifier
    headers = stamp(wechat.world, b"{}", certificate_seal(wechat.world))
    assert await verifier.verify(headers, b"{}", clock.now())


async def test_during_the_switch_both_signatures_are_accepted(
    wechat, settings, certificate_settings, clock
):
    wechat.world.terms.mode = "mixed"
    both = type(settings)(
        **{name: getattr(settings, name) for name in settings.__struct_fields__}
        | {"platform_certificates": True}
    )
    verifier = Account(both, wechat.http, clock).notices._verifier
    for seal in (public_key_seal(wechat.world), certificate_seal(wechat.world)):
        assert await verifier.verify(stamp(wechat.world, b"{}", seal), b"{}", clock.now())


async def test_a_list_of_certificates_that_a_stranger_signed_is_refused(
    wechat, certificate_settings, clock
):
    wechat.world.terms.mode = "certificates"
    wechat.world.faults.answers.mis_sign = -1
    ring = Account(certificate_settings, wechat.http, clock).notices._verifier._keys
    serial = wechat.world.keys.certificate_serial
    with pytest.raises(Exception, match="the signature does not fit"):
        await ring.key_for(serial)


def test_the_simulators_certificate_looks_like_wechats(keys):
    certificate = load_pem_x509_certificate(keys.certificate_pem)
    assert f"{certificate.serial_number:X}" == keys.certificate_serial
    assert len(keys.certificate_serial) == 40
