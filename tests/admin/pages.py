"""Addresses of the admin's pages, and forms as a browser would send them back."""

from html.parser import HTMLParser

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.test import Client
from django.urls import reverse

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


def label(model: type[Model]) -> str:
    return model._meta.label


def address(model: type[Model], page: str, *args) -> str:
    return reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[quote(str(arg)) for arg in args]
    )


def change_address(row: Model) -> str:
    return address(type(row), "change", row.pk)


def filled_in(client: Client, url: str, **changes) -> dict:
    """Return what the form at `url` would send if a person pressed save, with some fields changed."""
    form = SentByForm()
    form.feed(client.get(url).content.decode())
    return {**form.data, **changes}


def confirm(client: Client, page, button: str = "reach_confirmed"):
    """Press a button of the page that says whom a change would reach, and return what comes next."""
    sent: dict[str, list[str]] = {}
    for name, value in page.context["sent"]:
        sent.setdefault(name, []).append(value)
    return client.post(page.context["action_url"], {**sent, button: page.context["token"]})


class SentByForm(HTMLParser):
    """Collect what a browser would send from the inputs of a page."""

    def __init__(self):
        super().__init__()
        self.data: dict[str, str] = {}
        self.select = self.textarea = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and "__prefix__" not in name:
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if given.get("type") != "submit" and ticked:
                self.data[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "select" and "__prefix__" not in name:
            self.select = name
        elif tag == "option" and self.select and (self.select not in self.data or "selected" in given):
            self.data[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.textarea = name
            self.data[name] = ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data):
        if self.textarea:
            self.data[self.textarea] += data
