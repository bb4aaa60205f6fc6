"""Reviews: what is found decides, what fails waits, what is unclear goes to a person."""

import asyncio

import pytest

from jishi.callers import Caller
from jishi.compliance import (
    Decision,
    SubjectChanged,
    list_reviews,
    load_case,
    review,
    review_many,
)
from jishi.db import Conflict
from jishi.problems import NotFound
from jishi.staff import decide_review, list_audit

CLERK = Caller(kind="staff", id="clerk")


def approve(digest: str, verdict: str = "approved") -> Decision:
    return Decision(verdict=verdict, reason="I have seen the licence.", digest=digest)


async def test_what_nobody_objects_to_is_approved(shop, tea):
    assert (await review(shop, tea())).verdict == "approved"


@pytest.mark.parametrize(
    ("severity", "verdict"),
    [("note", "approved"), ("doubt", "waiting"), ("forbidden", "refused")],
)
async def test_the_worst_finding_decides(shop, tea, reader, severity, verdict):
    reader.words = {"茶": "note", "井": severity}
    found = await review(shop, tea())
    assert found.verdict == verdict
    assert [one.plugin for one in found.findings] == ["reader@1.2"] * 2


async def test_every_plugin_is_heard(shop, tea, reader, second):
    reader.words, second.words = {"茶": "note"}, {"井": "forbidden"}
    found = await review(shop, tea())
    assert found.verdict == "refused"
    assert [one.plugin for one in found.findings] == ["reader@1.2", "second@0.1"]


async def test_a_plugin_that_fails_makes_it_wait(shop, tea, reader):
    reader.trouble = RuntimeError("no line to the reader's office")
    found = await review(shop, tea())
    assert (found.verdict, found.findings[0].rule) == ("waiting", "plugin_failed")
    assert "office" not in found.findings[0].message


async def test_what_others_found_is_kept_when_one_fails(shop, tea, reader, second):
    reader.trouble, second.words = RuntimeError(), {"茶": "forbidden"}
    found = await review(shop, tea())
    assert found.verdict == "refused"
    assert {one.plugin for one in found.findings} == {"reader@1.2", "second@0.1"}


async def test_after_a_failure_the_same_content_is_asked_about_again(shop, tea, reader):
    reader.trouble = RuntimeError()
    await review(shop, tea())
    reader.trouble = None
    assert (await review(shop, tea())).verdict == "approved"


async def test_unchanged_content_is_not_asked_about_again(shop, tea, reader):
    first = await review(shop, tea())
    assert await review(shop, tea()) == first
    assert reader.asked == ["tea"]


async def test_changed_content_is_reviewed_again(shop, tea, reader):
    reader.words = {"最": "forbidden"}
    first = await review(shop, tea())
    second = await review(shop, tea("最好的茶"))
    assert (first.verdict, second.verdict) == ("approved", "refused")
    assert first.id == second.id


async def test_many_are_reviewed_together_and_come_back_in_order(shop, tea, reader):
    reader.words = {"酒": "forbidden"}
    subjects = [tea("酒" if number % 2 else "茶", f"p{number}") for number in range(40)]
    found = await review_many(shop, subjects)
    assert [one.verdict for one in found] == ["approved", "refused"] * 20
    assert sorted(reader.asked) == sorted(one.id for one in subjects)


async def test_none_at_all_is_no_work(shop):
    assert await review_many(shop, []) == []


async def test_the_same_subject_reviewed_ten_times_at_once_is_one_review(shop, tea):
    found = await asyncio.gather(*(review(shop, tea()) for _ in range(10)))
    assert len({one.id for one in found}) == 1


async def test_what_waits_is_in_the_queue_with_its_subject(shop, tea, reader):
    reader.words = {"酒": "doubt"}
    await review_many(shop, [tea("酒", "a"), tea("茶", "b"), tea("酒", "c")])
    page = await list_reviews(shop.database, "waiting", None, 1)
    rest = await list_reviews(shop.database, "waiting", page.next, 1)
    assert [page.items[0].subject, rest.items[0].subject] == [tea("酒", "a"), tea("酒", "c")]
    assert rest.next is None


async def test_a_person_decides_and_it_is_told_and_recorded(shop, tea, reader):
    reader.words = {"茶": "doubt"}
    waiting = await review(shop, tea())
    case = await decide_review(shop, CLERK, waiting.id, approve(waiting.digest))
    assert (case.verdict, case.decided_by) == ("approved", "clerk")
    told = await shop.database.fetch("SELECT name, subject FROM events_outbox")
    assert told == [("subject.decided", "tea")]
    [entry] = (await list_audit(shop.database, None, 9)).items
    assert (entry.actor, entry.action) == ("staff:clerk", "subject.decided")


async def test_a_decision_holds_for_unchanged_content(shop, tea, reader):
    reader.words = {"茶": "forbidden"}
    refused = await review(shop, tea())
    await decide_review(shop, CLERK, refused.id, approve(refused.digest))
    again = await review(shop, tea())
    assert (again.verdict, again.decided_by) == ("approved", "clerk")


async def test_a_decision_does_not_hold_for_changed_content(shop, tea, reader):
    reader.words = {"茶": "doubt"}
    waiting = await review(shop, tea())
    await decide_review(shop, CLERK, waiting.id, approve(waiting.digest))
    again = await review(shop, tea("别的茶"))
    assert (again.verdict, again.decided_by, again.reason) == ("waiting", None, "")


async def test_nobody_decides_a_text_that_changed_under_his_eyes(shop, tea, reader):
    reader.words = {"茶": "doubt"}
    read = await review(shop, tea())
    await review(shop, tea("别的茶"))
    with pytest.raises(SubjectChanged):
        await decide_review(shop, CLERK, read.id, approve(read.digest))
    assert (await load_case(shop.database, read.id)).verdict == "waiting"
    assert not (await list_audit(shop.database, None, 9)).items


async def test_a_person_may_change_his_mind(shop, tea, reader):
    reader.words = {"茶": "doubt"}
    waiting = await review(shop, tea())
    for verdict in ("approved", "refused"):
        await decide_review(shop, CLERK, waiting.id, approve(waiting.digest, verdict))
    assert (await review(shop, tea())).verdict == "refused"
    told = await shop.database.fetch("SELECT count(*) FROM events_outbox")
    assert told == [(2,)]


async def test_a_review_that_ends_late_does_not_undo_a_decision(shop, tea, reader):
    reader.trouble = RuntimeError()
    waiting = await review(shop, tea())
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slow(subject):
        started.set()
        await go_on.wait()

    late = asyncio.create_task(_review_slowly(shop, tea(), slow))
    await started.wait()
    await decide_review(shop, CLERK, waiting.id, approve(waiting.digest, "refused"))
    go_on.set()
    assert (await late).verdict == "refused"


async def test_what_is_not_there_cannot_be_decided(shop):
    with pytest.raises(NotFound):
        await decide_review(shop, CLERK, "nothing", approve("0" * 64))


async def test_the_history_of_verdicts_is_never_changed(shop, tea):
    await review(shop, tea())
    with pytest.raises(Conflict):
        async with shop.database.transaction() as tx:
            await tx.execute("UPDATE compliance_decisions SET verdict = 'refused'")


async def _review_slowly(shop, subject, slow):
    """Review while the plugins take their time."""
    from jishi.shop import Shop

    class Hooks:
        async def consult(self, spec, where, /, **kwargs):
            await slow(subject)
            return []

    return await review(Shop(shop.config, shop.database, Hooks(), shop.clock), subject)
