from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from scenarios.text import LineFormField, TextFormField


class StartForm(BaseDialogForm):
    reason = LineFormField(
        label=_("Why now?"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("It is shown in the list of runs. Please write nothing about a person."),
    )


class StopForm(BaseDialogForm):
    error_message = TextFormField(
        label=_("Why?"),
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("It is shown on the run's page. Please write nothing about a person."),
    )
