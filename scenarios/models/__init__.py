"""Who is followed, what is known of them, the rules, and what was decided."""

from .decisions import Clearance, Decision, Evaluation
from .facts import ActivitiesKnownSince, Activity, Certification, HumanContact, Membership, OptOut, Pause
from .people import Chapter, Organization, PeerMentor, StaffScope
from .rules import PromptTemplate, Rule, RuleVersion
from .switch import Switch, switched_off

__all__ = [
    "ActivitiesKnownSince",
    "Activity",
    "Certification",
    "Chapter",
    "Clearance",
    "Decision",
    "Evaluation",
    "HumanContact",
    "Membership",
    "OptOut",
    "Organization",
    "Pause",
    "PeerMentor",
    "PromptTemplate",
    "Rule",
    "RuleVersion",
    "StaffScope",
    "Switch",
    "switched_off",
]
