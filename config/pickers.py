"""What a picker offers, in the words of the page that the rows belong to."""

from django.contrib.admin.views.autocomplete import AutocompleteJsonView

from scenarios.admin.base import Admin


class PickerView(AutocompleteJsonView):
    """Answer as Django does, but call the rows what their own page calls them: a mentor's is no bare ID."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        rows = list(context["object_list"])
        page = self.model_admin
        texts = page.texts_of(self.request, rows) if isinstance(page, Admin) else list(map(str, rows))
        self.texts = dict(zip((row.pk for row in rows), texts, strict=True))
        return {**context, "object_list": rows}

    def serialize_result(self, obj, to_field_name):
        return {**super().serialize_result(obj, to_field_name), "text": self.texts[obj.pk]}
