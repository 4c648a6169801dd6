"""Three invented organisations with their chapters."""

from scenarios.models import Chapter, Organization

OSLO, BERGEN, BOSTON = "org_oslo_01", "org_bergen_02", "org_boston_01"

ORGANIZATIONS = (
    {"id": OSLO, "name": "Likepersoner i Oslo", "time_zone": "Europe/Oslo"},
    {"id": BERGEN, "name": "Likepersonlaget Bergen", "time_zone": "Europe/Oslo", "human_contact_days": 10},
    {"id": BOSTON, "name": "Boston Peer Circle", "time_zone": "America/New_York"},
)

CHAPTERS = {
    OSLO: (
        ("ch_oslo_001", "Grünerløkka"),
        ("ch_oslo_002", "Nordstrand"),
        ("ch_oslo_003", "Groruddalen"),
        ("ch_oslo_004", "Frogner"),
        ("ch_oslo_005", "Holmlia"),
    ),
    BERGEN: (
        ("ch_bergen_001", "Bergenhus"),
        ("ch_bergen_002", "Åsane"),
        ("ch_bergen_003", "Fana"),
        ("ch_bergen_004", "Laksevåg"),
    ),
    BOSTON: (
        ("ch_boston_001", "Back Bay"),
        ("ch_boston_002", "Dorchester"),
        ("ch_boston_003", "East Boston"),
    ),
}


def write_places() -> None:
    Organization.objects.bulk_create(Organization(**fields) for fields in ORGANIZATIONS)
    Chapter.objects.bulk_create(
        Chapter(id=chapter_id, organization_id=organization_id, name=name)
        for organization_id, chapters in CHAPTERS.items()
        for chapter_id, name in chapters
    )
