"""What was found, said so that a merchant can act on it."""

from collections.abc import Iterable

from stdnum.cn import uscc

from jishi.compliance import Finding, Subject
from jishi_content_review.fold import fold
from jishi_content_review.scanner import Scanner
from jishi_content_review.structs import Hit, Kind, Language

_AROUND = 12
"""How many characters of company an excerpt shows on each side."""

NOTICE = "本品不能代替药物"
"""What advertising for health food must say (广告法第十八条)."""


def word_findings(
    scanner: Scanner, subject: Subject, kinds: frozenset[Kind], language: Language
) -> list[Finding]:
    """One finding for each word in each text, at its first place."""
    found = []
    for field, text in subject.texts.items():
        hits = [hit for hit in scanner.scan(text) if hit.group.holds_for(kinds)]
        found += [_finding(hit, field, text, language) for hit in _most_serious_of_each_word(hits)]
    return found


def _most_serious_of_each_word(hits: Iterable[Hit]) -> list[Hit]:
    """A word that is excused here and stands alone there is reported where it stands alone."""
    first: dict[str, Hit] = {}
    for hit in hits:
        known = first.get(hit.word)
        if known is None or _severity(hit) > _severity(known):
            first[hit.word] = hit
    return list(first.values())


def _severity(hit: Hit) -> int:
    if hit.exemption is None:
        return 2
    return 0 if hit.exemption.sure else 1


def _finding(hit: Hit, field: str, text: str, language: Language) -> Finding:
    exemption = hit.exemption
    return Finding(
        rule=hit.group.rule,
        severity="note" if exemption is not None and exemption.sure else hit.group.severity,
        message=_said(hit, language),
        field=field,
        excerpt=_excerpt(text, hit),
        source=hit.group.law,
        exemption=exemption.say.in_language(language) if exemption is not None else "",
    )


def _said(hit: Hit, language: Language) -> str:
    statute = fold(hit.word) in {fold(word) for word in hit.group.statute}
    if language == "zh":
        kind = "法律明文禁止用语" if statute else "实践中易被认定违规的用语"
        return f"“{hit.word}”（{kind}）：{hit.group.say.zh}"
    kind = "named in the law itself" if statute else "held against it in practice"
    return f"“{hit.word}” ({kind}): {hit.group.say.en}"


def _excerpt(text: str, hit: Hit) -> str:
    start, end = max(0, hit.start - _AROUND), min(len(text), hit.end + _AROUND)
    return (
        ("…" if start else "")
        + f"{text[start : hit.start]}【{text[hit.start : hit.end]}】{text[hit.end : end]}"
        + ("…" if end < len(text) else "")
    )


def notice_findings(subject: Subject, kinds: frozenset[Kind], language: Language) -> list[Finding]:
    """Health food must carry its notice."""
    if "health_food" not in kinds or any(NOTICE in fold(text) for text in subject.texts.values()):
        return []
    said = {
        "zh": f"保健食品必须显著标明“{NOTICE}”。请在商品说明里加上。",
        "en": f"Health food must say “{NOTICE}” (this is no medicine). Add it to the description.",
    }
    return [
        Finding(
            rule="health_food_notice_missing",
            severity="doubt",
            message=said[language],
            field="description",
            source="广告法第十八条",
        )
    ]


def company_number_findings(subject: Subject, language: Language) -> list[Finding]:
    """A document's company number must have the right check digits (GB 32100-2015).

    They prove its form only, never that the company exists.
    """
    number = subject.attributes.get("company_number", "")
    if not number or uscc.is_valid(number):
        return []
    said = {
        "zh": "统一社会信用代码校验位不符，请与营业执照逐字核对。（校验通过也只说明格式正确。）",
        "en": "The company number has wrong check digits; compare it with the business licence.",
    }
    return [
        Finding(
            rule="company_number_wrong",
            severity="doubt",
            message=said[language],
            field="company_number",
            excerpt=number,
            source="GB 32100-2015",
        )
    ]
