"""The briefs, and for each an approved wording in English and in Norwegian; the ready-made ones come as they are."""

from datetime import datetime

from notifications.models import Variant
from notifications.readymade.wording import BRIEFS as READY_MADE
from notifications.readymade.wording import TONE, Words
from scenarios.models import PromptTemplate

from .places import BOSTON

# ID: (name, purpose, English words, Norwegian words)
BRIEFS = {
    **READY_MADE,
    "tmpl_certification_01": (
        "A certification to renew",
        "Point to the date in good time and say where the renewal course is found. The card is an honour: encourage.",
        Words(
            "Your certification is valid until $date",
            "Hello $first_name,\n\nthank you for all that you give. Your certification “$certification” is valid until "
            "$date, so there is time to renew it.\n\nAnswer this message, and we find a course date that suits you."
            "\n\n$organization",
        ),
        Words(
            "Kursbeviset ditt gjelder til $date",
            "Hei $first_name!\n\nTakk for alt du bidrar med. Kursbeviset «$certification» gjelder til $date, så det er "
            "god tid til å fornye det.\n\nSvar på denne meldingen, så finner vi en kursdato som passer for deg."
            "\n\n$organization",
        ),
    ),
    "tmpl_re_engage_01": (
        "Good to see you again",
        "Be glad about the activity that was just logged; never mention the days before it as a lapse.",
        Words(
            "Good to see you out again, $first_name",
            "Hello $first_name,\n\nyour activity is logged. It is always good to start again, however short the trip. "
            "Have a good week!\n\n$chapter",
        ),
        Words(
            "Godt å se deg i gang igjen, $first_name",
            "Hei $first_name!\n\nAktiviteten din er registrert. Det er alltid godt å komme i gang igjen, uansett hvor "
            "kort turen er. Ha en fin uke!\n\n$chapter",
        ),
    ),
    "tmpl_mileage_nudge_01": (
        "A quieter week",
        "Encourage without measuring: a quiet week is fine, and company helps.",
        Words(
            "Room for one more trip, $first_name?",
            "Hello $first_name,\n\nsome weeks are quieter than others, and that is fine. If you fancy company on the "
            "next trip, somebody in $chapter is sure to come along.",
        ),
        Words(
            "Plass til en tur til, $first_name?",
            "Hei $first_name!\n\nNoen uker er roligere enn andre, og det er helt greit. Har du lyst på følge på neste "
            "tur, er det sikkert noen i $chapter som blir med.",
        ),
    ),
    "tmpl_first_activity_01": (
        "The very first activity",
        "Welcome them.",
        Words(
            "Welcome, $first_name!",
            "Hello $first_name,\n\nyour first activity is logged. Welcome to $chapter! Ask us about anything, at any "
            "time: just answer this message.",
        ),
        Words(
            "Velkommen, $first_name!",
            "Hei $first_name!\n\nDen første aktiviteten din er registrert. Velkommen til $chapter! Lurer du på noe, er "
            "det bare å svare på denne meldingen.",
        ),
    ),
    "tmpl_well_done_01": (
        "Well done",
        "Be glad with them about what they did.",
        Words(
            "Well done, $first_name!",
            "Hello $first_name,\n\nthat was a long way. Well done! Everybody in $chapter is happy for you.",
        ),
        Words(
            "Godt gjort, $first_name!",
            "Hei $first_name!\n\nDet var langt. Godt gjort! Alle i $chapter gleder seg med deg.",
        ),
    ),
}


# Only rules of one organisation send these; the others are shared.
OWNERS = {"tmpl_well_done_01": BOSTON}


def write_wording(now: datetime) -> None:
    PromptTemplate.objects.bulk_create(
        PromptTemplate(id=template_id, organization_id=OWNERS.get(template_id), name=name, purpose=purpose, tone=TONE)
        for template_id, (name, purpose, *_) in BRIEFS.items()
    )
    Variant.objects.bulk_create(
        Variant(
            template_id=template_id, language=language, state=Variant.State.APPROVED, approved_at=now, **words._asdict()
        )
        for template_id, (_, _, english, norwegian) in BRIEFS.items()
        for language, words in (("en", english), ("nb", norwegian))
    )
