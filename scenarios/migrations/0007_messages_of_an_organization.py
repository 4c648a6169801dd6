import django.db.models.deletion
from django.db import migrations, models

# What only the rules of one organisation have ever used becomes that organisation's; all else stays shared. Which
# rule uses which message stays as it is, so nothing that is sent changes.
GIVE_TO_THE_ONE_WHO_USES_IT = """
UPDATE scenarios_prompttemplate AS template
SET organization_id = used.organization_id
FROM (
    SELECT prompt_template_id, min(organization_id) AS organization_id
    FROM (
        SELECT prompt_template_id, organization_id FROM scenarios_rule
        UNION ALL
        SELECT prompt_template_id, organization_id FROM scenarios_ruleversion
    ) AS uses
    GROUP BY prompt_template_id
    HAVING count(organization_id) = count(*) AND count(DISTINCT organization_id) = 1
) AS used
WHERE template.id = used.prompt_template_id
"""

# A CHECK can't look at another table, and a foreign key can't say "the same one, or none".
KEEP_TO_ONES_OWN = """
CREATE FUNCTION scenarios_refuse_foreign_template() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner text;
BEGIN
    SELECT organization_id INTO owner FROM scenarios_prompttemplate WHERE id = NEW.prompt_template_id;
    IF owner IS DISTINCT FROM NEW.organization_id AND owner IS NOT NULL THEN
        RAISE EXCEPTION 'message % belongs to organisation %', NEW.prompt_template_id, owner
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rule_uses_no_foreign_template
    BEFORE INSERT OR UPDATE OF prompt_template_id, organization_id ON scenarios_rule
    FOR EACH ROW EXECUTE FUNCTION scenarios_refuse_foreign_template();
CREATE TRIGGER rule_version_uses_no_foreign_template
    BEFORE INSERT OR UPDATE OF prompt_template_id, organization_id ON scenarios_ruleversion
    FOR EACH ROW EXECUTE FUNCTION scenarios_refuse_foreign_template();
CREATE FUNCTION scenarios_refuse_other_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message % keeps its organisation: copy it instead', OLD.id
    USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END
$$;
CREATE TRIGGER template_keeps_its_organization
    BEFORE UPDATE OF organization_id ON scenarios_prompttemplate
    FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
    EXECUTE FUNCTION scenarios_refuse_other_owner();
"""
FORGET = """
DROP TRIGGER template_keeps_its_organization ON scenarios_prompttemplate;
DROP TRIGGER rule_version_uses_no_foreign_template ON scenarios_ruleversion;
DROP TRIGGER rule_uses_no_foreign_template ON scenarios_rule;
DROP FUNCTION scenarios_refuse_other_owner();
DROP FUNCTION scenarios_refuse_foreign_template();
"""


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0006_rule_states")]

    operations = [
        migrations.AddField(
            model_name="prompttemplate",
            name="organization",
            field=models.ForeignKey(
                blank=True,
                help_text="Only this organisation's rules can use it. Empty: shared by all organisations.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scenarios.organization",
                verbose_name="organisation",
            ),
        ),
        migrations.RunSQL(GIVE_TO_THE_ONE_WHO_USES_IT, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP_TO_ONES_OWN, FORGET),
    ]
