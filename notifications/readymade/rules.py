"""What the field asks for first: five rules that an organisation can take over as they are."""

from typing import Any

from scenarios.models.rules import Judged

RULES: tuple[dict[str, Any], ...] = (
    {
        "scenario_id": "wellbeing_flag_raised",
        "name": "A worry was noted",
        "trigger_type": "wellbeing_flag",
        "judged": Judged.ACTIVITY,
        "parameters": {"flags": ["low_mood", "needs_follow_up"]},
        "delay_hours": 2,
        "cooldown_days": 3,
        "priority": 3,
        "prompt_template_id": "tmpl_wellbeing_01",
    },
    {
        "scenario_id": "after_first_contact",
        "name": "Three days after a first contact",
        "trigger_type": "first_contact",
        "judged": Judged.ACTIVITY,
        "delay_hours": 72,
        "cooldown_days": 3,
        "priority": 4,
        "prompt_template_id": "tmpl_first_contact_01",
    },
    {
        # 60 minutes: what the trigger asks for unless the rule says otherwise.
        "scenario_id": "after_long_session",
        "name": "After a long session",
        "trigger_type": "long_session",
        "judged": Judged.ACTIVITY,
        "delay_hours": 24,
        "cooldown_days": 14,
        "priority": 5,
        "prompt_template_id": "tmpl_long_session_01",
    },
    {
        "scenario_id": "after_group_activity",
        "name": "After a group activity",
        "trigger_type": "group_activity",
        "judged": Judged.ACTIVITY,
        "delay_hours": 24,
        "cooldown_days": 14,
        "priority": 7,
        "prompt_template_id": "tmpl_group_01",
    },
    {
        # The word of any rule about silence: the organisation's replaces a shared one, and nobody hears twice.
        "scenario_id": "inactivity",
        "name": "Ten days without contact or activity",
        "trigger_type": "inactivity",
        "judged": Judged.DAILY,
        "threshold_days": 10,
        "cooldown_days": 30,
        "priority": 20,
        "prompt_template_id": "tmpl_inactivity_01",
    },
)
