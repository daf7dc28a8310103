"""The rules that the exchange decides by, and their history."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.actors import actor_shown
from exchange.console.acts import ASKED, moment_input, perform_on_post, sent
from exchange.console.marks import PRIMARY, act, column
from exchange.console.readings import value_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable
from exchange.core import clock
from exchange.core.fields import CountField, MomentField, ReasonForm, as_field_error, text_field
from exchange.core.formatting import NOTHING, end_shown, moment_shown
from exchange.core.inputs import read_number
from exchange.core.models import Rule, RuleTag, RuleVersion
from exchange.core.periods import in_force
from exchange.core.rules import REASON_CHARS_MAX, SOURCE_CHARS_MAX, RuleKey, history, rule_keys
from exchange.members import approvals, rule_packs

PERCENT_PLACES = 6


class AmendForm(ReasonForm):
    """A new version of a rule. Without a moment it is in force at once."""

    value = forms.CharField(label=_("New value"), max_length=100)
    tag = forms.ChoiceField(label=_("Standing"), choices=RuleTag.choices)
    source = forms.CharField(
        label=_("Source"),
        help_text=_("The text and article, or the decision of the exchange."),
        max_length=SOURCE_CHARS_MAX,
    )
    valid_from = MomentField(
        label=_("In force from"),
        help_text=_("Empty: at once."),
        required=False,
        widget=moment_input(),
    )
    reason = text_field(_("Reason"), chars_max=REASON_CHARS_MAX)
    field_order = ("value", "tag", "source", "valid_from", "reason")

    def __init__(self, declared: RuleKey, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.declared = declared

    def clean_value(self) -> str:
        """A fraction may be given as it is shown: “3%” is 0.03."""
        given: str = self.cleaned_data["value"].strip()
        if self.declared.unit != "fraction" or not given.endswith(("%", "％")):
            return given
        with as_field_error():
            return f"{read_number(given[:-1], places=PERCENT_PLACES).scaleb(-2).normalize():f}"


class TakeBackForm(ReasonForm):
    """Which version of a rule shall never begin."""

    number = CountField(
        label=_("Number of the version"), help_text=_("The figure behind the @."), least=1
    )
    field_order = ("number", "reason")


@admin.register(Rule, site=console)
class RuleTable(ReadOnlyTable):
    """One line for each rule with the version in force; a rule's page has its history."""

    list_display = ("label", "key", "value", "standing", "since")
    list_filter = ("pack",)
    search_fields = ("key__istartswith",)
    search_help_text = _("Beginning of the key")
    list_select_related = ("pack",)
    list_per_page = 100
    list_before_template = "console/rules_note.html"
    ordering = ("pack__code", "key")
    fields = ("key", "pack", "label", "value", "standing_words", "since", "source")
    change_form_outer_after_template = "console/rule_history.html"
    actions_detail = ("amend", "take_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        now = RuleVersion.objects.filter(in_force(clock.now()), withdrawn_at=None)
        rows: QuerySet[Rule] = super().get_queryset(request).filter(key__in=rule_keys())
        return rows.select_related("pack").prefetch_related(
            Prefetch("versions", queryset=now, to_attr="now")
        )

    def title_of(self, row: Rule) -> str:
        return str(row.declared.label)

    @column(_("rule"))
    def label(self, row: Rule) -> str:
        return row.declared.label

    @column(_("value"))
    def value(self, row: Rule) -> str:
        version = _now(row)
        return value_shown(row.declared, version.value) if version else "–"

    @column(_("standing"), labels={"F": "success", "M": "warning", "D": "warning"})
    def standing(self, row: Rule) -> tuple[str, str]:
        version = _now(row)
        return (version.tag, standing_of(version)) if version else ("", "–")

    @column(_("standing"))
    def standing_words(self, row: Rule) -> str:
        version = _now(row)
        return standing_of(version) if version else NOTHING

    @column(_("in force from"))
    def since(self, row: Rule) -> str:
        version = _now(row)
        return moment_shown(version.valid_from, "date") if version else NOTHING

    @column(_("source"))
    def source(self, row: Rule) -> str:
        version = _now(row)
        return version.source if version else "–"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rule = self.get_object(request, object_id)
        extra = {"history": _history(rule)} if rule else {}
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **extra}
        )
        return answer

    @act(_("Amend"), path="amend", icon="edit", variant=PRIMARY)
    def amend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rule, now = self.row(request, object_id), clock.now()
        current = _now(rule)
        before = (
            {"value": as_typed(rule.declared, current.value), "tag": current.tag} if current else {}
        )
        return perform_on_post(
            request,
            form=AmendForm(rule.declared, sent(request), initial=before),
            perform=lambda said: approvals.ask(
                rule_packs.AMEND,
                subject=f"{rule.pack.code}/{rule.key}",
                arguments={
                    **said,
                    "valid_from": said["valid_from"].isoformat() if said["valid_from"] else None,
                },
                reason=said["reason"],
                actor=actor_of(request),
                now=now,
            ),
            title=rule.declared.label,
            sentence=_(
                "Once a second rule keeper approves, the version in force is closed and a new one"
                " begins. Decisions already taken keep the version they used."
            ),
            button=_("Amend"),
            done=ASKED,
            back=self.address(rule),
            context={"history": _history(rule)},
        )

    @act(_("Take back a planned change"), path="take-back", icon="undo")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rule, now = self.row(request, object_id), clock.now()
        return perform_on_post(
            request,
            form=TakeBackForm(sent(request)),
            perform=lambda said: approvals.ask(
                rule_packs.TAKE_BACK,
                subject=f"{rule.pack.code}/{rule.key}",
                arguments=said,
                reason=said["reason"],
                actor=actor_of(request),
                now=now,
            ),
            title=rule.declared.label,
            sentence=_(
                "Once a second rule keeper approves, the version that has not begun never does, and"
                " the one before it goes on."
            ),
            button=_("Take back"),
            done=ASKED,
            back=self.address(rule),
            context={"history": _history(rule)},
        )


def _now(rule: Rule) -> RuleVersion | None:
    versions: list[RuleVersion] = getattr(rule, "now", [])
    return versions[0] if versions else None


def as_typed(declared: RuleKey, value: str | int) -> str:
    """The value as the form takes it: a fraction in per cent, as it is shown."""
    if declared.unit != "fraction":
        return str(value)
    return f"{Decimal(value).scaleb(2).normalize():f}%"


def standing_of(version: RuleVersion) -> str:
    """How well founded a version is; all but facts are no more than decision support."""
    if version.decision_support_only:
        return str(_("%(standing)s · decision support") % {"standing": version.get_tag_display()})
    return version.get_tag_display()


def _history(rule: Rule) -> dict[str, object]:
    rows = [
        [
            version.version,
            value_shown(rule.declared, version.value),
            standing_of(version),
            moment_shown(version.valid_from),
            _("taken back") if version.withdrawn_at else end_shown(version.valid_until),
            actor_shown(version.written_by),
            version.reason or "–",
        ]
        for version in history(pack=rule.pack.code, key=rule.key)
    ]
    headers = [
        _("version"), _("value"), _("standing"), _("in force from"), _("in force until"),
        _("written by"), _("reason"),
    ]  # fmt: skip
    return {"headers": headers, "rows": rows}
