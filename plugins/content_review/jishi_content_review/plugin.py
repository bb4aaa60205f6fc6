"""Looks at what is about to be published, and says what the law may have against it."""

from typing import ClassVar

from jishi.clock import SystemClock
from jishi.compliance import Finding, Subject
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi_content_review.findings import (
    company_number_findings,
    notice_findings,
    word_findings,
)
from jishi_content_review.licences import Licences
from jishi_content_review.scanner import Scanner
from jishi_content_review.settings import ContentReviewSettings
from jishi_content_review.structs import Kind
from jishi_content_review.wechat_check import HOST, WechatCheck
from jishi_content_review.word_lists import own_words, read_words


class ContentReview(Plugin):
    """Reports words, licences and numbers; a person decides."""

    declaration: ClassVar[Declaration] = Declaration(
        name="content_review",
        version="0.1.0",
        settings=ContentReviewSettings,
        hosts=(HOST,),
    )

    def __init__(self, settings: ContentReviewSettings) -> None:
        self._settings = settings
        lists = [own_words()]
        if settings.words is not None:
            lists.append(read_words(settings.words))
        self._scanner = Scanner(lists, settings.allowed)
        self._licences = Licences(settings.licences, settings.categories, settings.language)
        self._wechat = WechatCheck(settings.wechat, settings.language) if settings.wechat else None

    @hookimpl
    async def review_subject(self, subject: Subject) -> list[Finding] | None:
        """Everything that is questionable, with the law, the place and a possible exemption."""
        kinds, language = self._kinds(subject), self._settings.language
        found = word_findings(self._scanner, subject, kinds, language)
        found += notice_findings(subject, kinds, language)
        found += company_number_findings(subject, language)
        if subject.kind == "product":
            found += self._licences.look(subject.category, SystemClock().now().date())
        if self._wechat is not None:
            found += await self._wechat.look(subject.texts)
        return found or None

    def _kinds(self, subject: Subject) -> frozenset[Kind]:
        named = self._settings.categories
        names = [*subject.category, *(named.get(name, "") for name in subject.category)]
        kinds: set[Kind] = set()
        if any(each in name for name in names for each in self._settings.medical):
            kinds.add("medical")
        if any(each in name for name in names for each in self._settings.health_food):
            kinds.add("health_food")
        return frozenset(kinds)
