"""The briefs of the ready-made rules, with their wordings: warm, short, without alarm or reproach."""

from typing import NamedTuple

TONE = "Warm and short. No alarm, no reproach, nothing about health."


class Words(NamedTuple):
    subject: str
    body: str


# ID: (name, purpose, English words, Norwegian words)
BRIEFS = {
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
}
