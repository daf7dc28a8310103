"""The transparency log: records, signed heads, and their proofs checked in front of the reader."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import Organisation, User
from exchange.audit import keys, queries, verification
from exchange.audit.coverage import subjects
from exchange.audit.findings import Counts
from exchange.audit.models import Head, Record
from exchange.audit.verify import Unproven, check_bundle, check_consistency, open_checkpoint
from exchange.console.actors import KEY, PERSON, SYSTEM
from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ABOUT, DayFilter, MemberFilter, ReadOnlyTable
from exchange.core import clock
from exchange.core.lifecycle import lifecycles
from exchange.members.models import (
    AdmissionDocument,
    AdmissionStep,
    IdentityRequest,
    PersonalTie,
    Proposal,
    RelatedParty,
    RoleGrant,
)
from exchange.orders.models import FeeAgreement
from exchange.payments.models import Wallet

WHOLE_LOG_MAX = 20_000
FINDINGS_SHOWN_MAX = 20
WORDS_MAX = 5
# Ids of who acts, and what stands before them in the log.
ACTORS = {"usr": PERSON, "key": KEY}


class AboutFilter(admin.SimpleListFilter):
    """All that is said of one thing: of itself and of its steps. The link on the thing's page sets it."""

    title = _("about")
    parameter_name = ABOUT

    def lookups(self, _request: HttpRequest, _table: Any) -> list[tuple[str, str]]:
        named = self.value()
        return [(named, named)] if named else []

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Record]) -> QuerySet[Record]:
        named = self.value()
        return queryset.filter(subject__in=_subjects_about(named)) if named else queryset


@admin.register(Record, site=console)
class RecordTable(ReadOnlyTable):
    """Every record, newest first. A record's page shows what it says and proves its place."""

    list_display = ("public_id", "event", "actor", "subject", "at", "index")
    list_select_related = ("leaf",)
    search_fields = ("public_id__exact", "subject__exact")
    search_help_text = _(
        "Words that each narrow: an id (record, order, product …), a person's e-mail or id, the beginning of an"
        " event such as orders."
    )
    ordering = ("-pk",)
    fields = ("public_id", "event", "actor", "subject", "at", "index", "content")
    actions_detail = ("prove",)

    def get_list_filter(self, _request: HttpRequest) -> Sequence[Any]:
        return (("at", DayFilter), MemberFilter, AboutFilter)

    def of_member(self, rows: QuerySet[Any], organisation: Organisation) -> QuerySet[Any]:
        """What speaks of the member itself: of its admission, people, relations, fees and wallets."""
        return rows.filter(subject__in=_subjects_of(organisation))

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Record],
        search_term: str,
    ) -> tuple[QuerySet[Record], bool]:
        """The records of which every word holds."""
        for word in search_term.split()[:WORDS_MAX]:
            queryset = queryset.filter(_told_by(word))
        return queryset, False

    @column(_("index"))
    def index(self, row: Record) -> str:
        return str(row.leaf.index) if hasattr(row, "leaf") else str(_("waiting"))

    @column(_("content"))
    def content(self, row: Record) -> SafeString:
        told = json.dumps(json.loads(bytes(row.canonical)), ensure_ascii=False, indent=2)
        return format_html("<pre>{}</pre>", told)

    @act(_("Verify now"), path="prove", icon="verified", permission=None, variant=PRIMARY)
    def prove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        bundle = queries.bundle(queries.leaf_of(record.public_id), with_canonical=True)
        said, failure = _checked(dict(bundle))
        return TemplateResponse(
            request,
            "console/proof.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Proof of %(record)s") % {"record": record.public_id},
                "said": said,
                "failure": failure,
                "bundle": bundle,
                "back": reverse("console:audit_record_change", args=[record.pk]),
            },
        )


@admin.register(Head, site=console)
class HeadTable(ReadOnlyTable):
    """Signed heads, newest first. A head's page proves that the newest tree continues it."""

    list_display = ("tree_size", "at", "root_shown")
    search_fields = ("tree_size__exact",)
    search_help_text = _("A whole tree size")
    ordering = ("-tree_size",)
    fields = ("tree_size", "at", "root_shown", "checkpoint_shown")
    list_before_template = "console/log_note.html"
    actions_detail = ("prove",)

    def title_of(self, row: Head) -> str:
        return str(_("Head of %(size)s records") % {"size": row.tree_size})

    @column(_("root"))
    def root_shown(self, row: Head) -> SafeString:
        return format_html('<code class="break-all">{}</code>', bytes(row.root).hex())

    @column(_("checkpoint"))
    def checkpoint_shown(self, row: Head) -> SafeString:
        return format_html("<pre>{}</pre>", row.checkpoint)

    def get_urls(self) -> list[URLPattern]:
        return [self.page("verify/", require_POST(self.verify_log), "verify"), *super().get_urls()]

    @act(_("Verify now"), path="prove", icon="verified", permission=None, variant=PRIMARY)
    def prove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        head, newest = self.get_object(request, object_id), queries.newest()
        if head is None or newest is None:
            raise Http404
        said, failure = _continued(head, newest)
        return TemplateResponse(
            request,
            "console/proof.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Head of %(size)s records") % {"size": head.tree_size},
                "said": said,
                "failure": failure,
                "back": reverse("console:audit_head_change", args=[head.pk]),
            },
        )

    def verify_log(self, request: HttpRequest) -> HttpResponse:
        """Check the whole log here while it is small; a large one is checked by its command."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        newest = queries.newest()
        if newest is not None and newest.tree_size > WHOLE_LOG_MAX:
            messages.warning(
                request,
                _("The log is too large to check in a page: run “python manage.py verify_audit”."),
            )
        else:
            _tell(request)
        return HttpResponseRedirect(reverse("console:audit_head_changelist"))


def _told_by(word: str) -> Q:
    """Of which records the word holds: by its shape it names a record, who acted, an event or a thing."""
    kind = word.partition("_")[0]
    if "@" in word:
        person = User.objects.filter(email__iexact=word).first()
        return Q(actor=f"{PERSON}{person.public_id}") if person else Q(pk=None)
    if kind in ACTORS:
        word = f"{ACTORS[kind]}{word}"
    if word.startswith((PERSON, KEY, SYSTEM)):
        return Q(actor=word) | Q(subject=word)
    if kind == "rec":
        return Q(public_id=word)
    if ":" in word:
        return Q(subject=word)
    if "." in word:
        return Q(event__startswith=word)
    return Q(subject__in=_subjects_about(word))


def _subjects_about(public_id: str) -> list[str]:
    """How the log names the thing with this public id, and each of its steps."""
    for one in lifecycles():
        fields = {field.name: field for field in one.model._meta.get_fields()}
        if getattr(fields.get("public_id"), "prefix", "") != public_id.partition("_")[0]:
            continue
        named = f"{one.thing}:{public_id}"
        if one.steps_model is None:
            return [named]
        steps = one.steps_model._default_manager.filter(
            **{f"{one.step_link}__public_id": public_id}
        )
        return [named, *subjects(f"{one.thing}_step", steps)]
    return []


def _subjects_of(organisation: Organisation) -> list[str]:
    """How the log names the member, and what belongs to its membership: one statement."""
    admitted = {"admission__organisation": organisation}
    either = Q(organisation=organisation) | Q(other=organisation)
    rows: list[tuple[str, QuerySet[Any]]] = [
        ("admission_step", AdmissionStep.objects.filter(**admitted)),
        ("proposal", Proposal.objects.filter(**admitted)),
        ("document", AdmissionDocument.objects.filter(**admitted)),
        ("identity_request", IdentityRequest.objects.filter(organisation=organisation)),
        ("role", RoleGrant.objects.filter(organisation=organisation)),
        ("tie", PersonalTie.objects.filter(organisation=organisation)),
        ("relation", RelatedParty.objects.filter(either)),
        ("wallet", Wallet.objects.filter(organisation=organisation)),
        ("agreed_fee", FeeAgreement.objects.filter(seller=organisation)),
    ]
    first, *others = (subjects(kind, found) for kind, found in rows)
    return [f"organisation:{organisation.public_id}", *first.union(*others, all=True)]


def _tell(request: HttpRequest) -> None:
    counts = Counts()
    found = list(verification.findings(clock.now(), counts))
    for finding in found[:FINDINGS_SHOWN_MAX]:
        messages.error(request, f"{finding.check}: {finding.detail} {' '.join(finding.records)}")
    if found:
        sentence = ngettext(
            "The log does not hold: %(count)s finding.",
            "The log does not hold: %(count)s findings.",
            len(found),
        )
        messages.error(request, sentence % {"count": len(found)})
        return
    messages.success(
        request,
        _("The whole log holds: %(leaves)s records, %(nodes)s nodes, %(heads)s signed heads.")
        % {"leaves": counts.leaves, "nodes": counts.nodes, "heads": counts.heads},
    )


def _checked(bundle: dict[str, object]) -> tuple[list[str], str]:
    """What held, and what did not. The very function that an outsider runs."""
    try:
        return check_bundle(bundle, keys.verifier_key()), ""
    except Unproven as unproven:
        return [], str(unproven)


def _continued(old: Head, new: Head) -> tuple[list[str], str]:
    try:
        before, after = (open_checkpoint(h.checkpoint, keys.verifier_keys()) for h in (old, new))
        check_consistency(
            old_size=before.size,
            new_size=after.size,
            old_root=before.root,
            new_root=after.root,
            path=queries.consistency_path(old_size=before.size, new_size=after.size),
        )
    except Unproven as unproven:
        return [], str(unproven)
    return [
        str(_("The signatures of both heads are the log's.")),
        str(
            _("The tree of %(new)s records begins with all %(old)s records of this one.")
            % {"new": after.size, "old": before.size}
        ),
    ], ""
