"""The briefs, and for each an approved wording in English and in Norwegian: warm, short, without alarm or reproach."""

from datetime import datetime
from typing import NamedTuple

from notifications.models import Variant
from scenarios.models import PromptTemplate

TONE = "Warm and short. No alarm, no reproach, nothing about health."


class Words(NamedTuple):
    subject: str
    body: str


# ID: (name, purpose, English words, Norwegian words)
BRIEFS = {
    "tmpl_inactivity_01": (
        "Long time, no activity",
        "Ask how they are. Leave room for 'I only forgot to log it' and for 'I need a break'; offer a conversation.",
        Words(
            "How are you, $first_name?",
            "Hello $first_name,\n\nwe would just like to ask how things are. Perhaps you have been busy, and it "
            "hasn't been logged yet: that's quite all right, and there is no hurry.\n\nIf you would like a chat, or a "
            "break for a while, answer this message. We are glad to have you in $chapter, at your own pace.",
        ),
        Words(
            "Hvordan går det, $first_name?",
            "Hei $first_name!\n\nVi vil bare høre hvordan du har det. Kanskje har du vært i full gang, og det er bare "
            "ikke registrert ennå. Det er helt i orden, og det haster ikke.\n\nHar du lyst på en prat, eller trenger "
            "du en pause, er det bare å svare på denne meldingen. Vi er glad for å ha deg i $chapter, i ditt eget "
            "tempo.",
        ),
    ),
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
    "tmpl_first_contact_01": (
        "After a first contact",
        "Ask how the first meeting felt and remind them that the coordinator is there.",
        Words(
            "How was the first meeting?",
            "Hello $first_name,\n\na first meeting can leave a lot to think about. If there is anything you want to "
            "talk over, answer this message, and someone from $chapter calls you.",
        ),
        Words(
            "Hvordan var det første møtet?",
            "Hei $first_name!\n\nEt første møte kan gi mye å tenke på. Er det noe du vil snakke om, er det bare å "
            "svare på denne meldingen, så ringer noen fra $chapter deg.",
        ),
    ),
    "tmpl_long_session_01": (
        "After a long session",
        "Thank them for the time they gave and suggest a breather.",
        Words(
            "Thank you for your time, $first_name",
            "Hello $first_name,\n\nyou gave somebody a good deal of your time. Thank you! Remember to take a breather "
            "yourself.\n\n$chapter",
        ),
        Words(
            "Takk for tiden din, $first_name",
            "Hei $first_name!\n\nDu har gitt noen mye av tiden din. Tusen takk! Husk å ta en pustepause selv også."
            "\n\n$chapter",
        ),
    ),
    "tmpl_wellbeing_01": (
        "A worry was noted",
        "Say that nobody needs to carry a worry alone. No details, whatever was noted.",
        Words(
            "You are not alone with it",
            "Hello $first_name,\n\nsome conversations stay with us afterwards. You don't have to carry that alone: "
            "answer this message, and someone from $organization calls you back.",
        ),
        Words(
            "Du er ikke alene om det",
            "Hei $first_name!\n\nNoen samtaler blir med oss videre. Du trenger ikke å bære det alene: svar på denne "
            "meldingen, så ringer noen fra $organization deg.",
        ),
    ),
    "tmpl_group_01": (
        "After a group activity",
        "Thank them for bringing people together.",
        Words(
            "Thank you for bringing people together",
            "Hello $first_name,\n\na group only becomes one when somebody opens the door. Thank you for doing that for "
            "$chapter.",
        ),
        Words(
            "Takk for at du samler folk",
            "Hei $first_name!\n\nEn gruppe blir til fordi noen åpner døra. Takk for at du gjør det for $chapter.",
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


def write_wording(now: datetime) -> None:
    PromptTemplate.objects.bulk_create(
        PromptTemplate(id=template_id, name=name, purpose=purpose, tone=TONE)
        for template_id, (name, purpose, *_) in BRIEFS.items()
    )
    Variant.objects.bulk_create(
        Variant(template_id=template_id, language=language, approved_at=now, **words._asdict())
        for template_id, (_, _, english, norwegian) in BRIEFS.items()
        for language, words in (("en", english), ("nb", norwegian))
    )
