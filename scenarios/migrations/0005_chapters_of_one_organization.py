"""Hold each chapter to the organisation of what names it. `docs/decisions.md` weighs the ways.

Rules carry both columns: a composite foreign key. Elsewhere the organisation is a table away: a trigger that locks what
it read, as a foreign key does, over two tables whose rows never change their organisation.
"""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION scenarios_chapter_is_the_mentors() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mentors text;
    chapters text;
BEGIN
    IF NEW.chapter_id IS NULL OR (
        TG_OP = 'UPDATE' AND (NEW.chapter_id, NEW.mentor_id) IS NOT DISTINCT FROM (OLD.chapter_id, OLD.mentor_id)
    ) THEN
        RETURN NULL;
    END IF;
    SELECT organization_id INTO mentors FROM scenarios_peermentor WHERE id = NEW.mentor_id FOR KEY SHARE;
    SELECT organization_id INTO chapters FROM scenarios_chapter WHERE id = NEW.chapter_id FOR KEY SHARE;
    IF mentors IS NULL OR chapters IS NULL OR mentors <> chapters THEN
        RAISE EXCEPTION 'chapter % belongs to another organisation than mentor %', NEW.chapter_id, NEW.mentor_id
            USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION scenarios_chapter_is_the_activitys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mentors text;
    chapters text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.chapter_id, NEW.activity_id) IS NOT DISTINCT FROM (OLD.chapter_id, OLD.activity_id) THEN
        RETURN NULL;
    END IF;
    SELECT m.organization_id INTO mentors
    FROM scenarios_activity a JOIN scenarios_peermentor m ON m.id = a.mentor_id
    WHERE a.id = NEW.activity_id FOR KEY SHARE;
    SELECT organization_id INTO chapters FROM scenarios_chapter WHERE id = NEW.chapter_id FOR KEY SHARE;
    IF mentors IS NULL OR chapters IS NULL OR mentors <> chapters THEN
        RAISE EXCEPTION 'chapter % belongs to another organisation than activity %', NEW.chapter_id, NEW.activity_id
            USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION scenarios_organization_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% stays in its organisation: what refers to it would be in another one', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;

-- Django's keys are checked at the end: deleted and made again in between, a row could change its organisation.
CREATE FUNCTION scenarios_chapter_is_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM scenarios_membership WHERE chapter_id = OLD.id)
        OR EXISTS (SELECT FROM scenarios_activity WHERE chapter_id = OLD.id)
        OR EXISTS (SELECT FROM scenarios_evaluation WHERE chapter_id = OLD.id)
    THEN
        RAISE EXCEPTION 'chapter % is still referred to', OLD.id
            USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION scenarios_mentor_is_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM scenarios_membership WHERE mentor_id = OLD.id)
        OR EXISTS (SELECT FROM scenarios_activity WHERE mentor_id = OLD.id)
    THEN
        RAISE EXCEPTION 'mentor % is still referred to', OLD.id
            USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER membership_chapter_is_the_mentors AFTER INSERT OR UPDATE OF mentor_id, chapter_id
    ON scenarios_membership FOR EACH ROW EXECUTE FUNCTION scenarios_chapter_is_the_mentors();
CREATE CONSTRAINT TRIGGER activity_chapter_is_the_mentors AFTER INSERT OR UPDATE OF mentor_id, chapter_id
    ON scenarios_activity FOR EACH ROW EXECUTE FUNCTION scenarios_chapter_is_the_mentors();
CREATE CONSTRAINT TRIGGER evaluation_chapter_is_the_activitys AFTER INSERT OR UPDATE OF activity_id, chapter_id
    ON scenarios_evaluation FOR EACH ROW EXECUTE FUNCTION scenarios_chapter_is_the_activitys();
CREATE TRIGGER mentor_organization_stays BEFORE UPDATE OF organization_id ON scenarios_peermentor FOR EACH ROW
    WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id) EXECUTE FUNCTION scenarios_organization_stays();
CREATE TRIGGER chapter_organization_stays BEFORE UPDATE OF organization_id ON scenarios_chapter FOR EACH ROW
    WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id) EXECUTE FUNCTION scenarios_organization_stays();
CREATE TRIGGER chapter_is_unused AFTER DELETE ON scenarios_chapter FOR EACH ROW
    EXECUTE FUNCTION scenarios_chapter_is_unused();
CREATE TRIGGER mentor_is_unused AFTER DELETE ON scenarios_peermentor FOR EACH ROW
    EXECUTE FUNCTION scenarios_mentor_is_unused();
"""

# Past versions say what was, right or wrong: they are left alone, and all that come are held.
KEYS = """
ALTER TABLE scenarios_rule ADD CONSTRAINT rule_chapter_is_the_organizations
    FOREIGN KEY (chapter_id, organization_id) REFERENCES scenarios_chapter (id, organization_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE scenarios_ruleversion ADD CONSTRAINT ruleversion_chapter_is_the_organizations
    FOREIGN KEY (chapter_id, organization_id) REFERENCES scenarios_chapter (id, organization_id)
    DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""

UNDO = """
ALTER TABLE scenarios_ruleversion DROP CONSTRAINT ruleversion_chapter_is_the_organizations;
ALTER TABLE scenarios_rule DROP CONSTRAINT rule_chapter_is_the_organizations;
DROP TRIGGER mentor_is_unused ON scenarios_peermentor;
DROP TRIGGER chapter_is_unused ON scenarios_chapter;
DROP TRIGGER chapter_organization_stays ON scenarios_chapter;
DROP TRIGGER mentor_organization_stays ON scenarios_peermentor;
DROP TRIGGER evaluation_chapter_is_the_activitys ON scenarios_evaluation;
DROP TRIGGER activity_chapter_is_the_mentors ON scenarios_activity;
DROP TRIGGER membership_chapter_is_the_mentors ON scenarios_membership;
DROP FUNCTION scenarios_mentor_is_unused();
DROP FUNCTION scenarios_chapter_is_unused();
DROP FUNCTION scenarios_organization_stays();
DROP FUNCTION scenarios_chapter_is_the_activitys();
DROP FUNCTION scenarios_chapter_is_the_mentors();
"""


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0004_wrong_chapters")]

    operations = [
        migrations.AddConstraint(
            model_name="chapter",
            constraint=models.UniqueConstraint(fields=("id", "organization"), name="chapter_and_its_organization"),
        ),
        migrations.RunSQL(FUNCTIONS + TRIGGERS + KEYS, UNDO),
    ]
