"""An import step by step: file and columns, rules, dry run; and what can be done to a running or finished one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.csvfile import CsvRefused
from campaigns.import_forms import ColumnsForm, FieldForm, ReadingForm, RulesForm
from campaigns.selectors import customfields as fields_read
from campaigns.selectors import importfiles as read
from campaigns.selectors import orders
from campaigns.services import customfields, filestore, import_drafts, imports, listweights, trials, undoing
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import AppError, Stale


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def file_columns(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Show how the file was read and what its columns mean; change either."""
    facts = read.get_file(file_id)
    again = "again" in request.POST
    reading = ReadingForm(
        request.POST if again else None,
        initial={
            "encoding": facts.plan.encoding,
            "separator": facts.plan.separator,
            "has_header": facts.plan.has_header,
        },
    )
    columns = ColumnsForm(
        request.POST if request.method == "POST" and not again else None,
        facts=facts,
        fields=fields_read.specs(),
    )
    try:
        if again and reading.is_valid():
            import_drafts.read_anew(file_id=file_id, **reading.cleaned_data)
            return redirect("import-file", file_id=file_id)
        if request.method == "POST" and not again and columns.is_valid():
            import_drafts.choose(
                file_id=file_id,
                choices=columns.choices(),
                by_name=person_of(request).username,
                now=clock.now(),
            )
            return redirect("import-rules", file_id=file_id)
    except CsvRefused as refusal:
        reading.add_error(None, str(refusal))
    except import_drafts.PlanRefused as refusal:
        for problem in refusal.problems:
            columns.add_error(None, problem)
    except AppError as refusal:
        columns.add_error(None, refusal.public_message)
    refused = bool(reading.errors or columns.errors)
    context = {"facts": facts, "reading": reading, "form": columns}
    return render(request, "campaigns/import_columns.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def file_rules(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Show and change what happens to people who are known; then try the file out, or import it."""
    facts = read.get_file(file_id)
    form = RulesForm(request.POST if request.method == "POST" else None, facts=facts)
    if request.method == "POST" and form.is_valid():
        person, now = person_of(request), clock.now()
        try:
            import_drafts.choose(file_id=file_id, choices=form.choices(), by_name=person.username, now=now)
            if "run" in request.POST:
                return _begun(request, file_id)
            trials.start_trial(file_id=file_id, by_name=person.username, now=now)
            return redirect("import-trial", file_id=file_id)
        except import_drafts.PlanRefused as refusal:
            for problem in refusal.problems:
                form.add_error(None, problem)
        except AppError as refusal:
            form.add_error(None, refusal.public_message)
    return render(
        request,
        "campaigns/import_rules.html",
        {"facts": facts, "form": form, "weights": orders.weights_of(facts.list_name)},
        status=422 if form.errors else 200,
    )


def _begun(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Begin the import, then give its list the weight that was said; tell what became of that."""
    person, now = person_of(request), clock.now()
    import_id = import_drafts.begin(file_id=file_id, by_id=person.id, by_name=person.username, now=now)
    for each in listweights.apply(import_id=import_id, by_name=person.username, now=now):
        if each.refused:
            messages.warning(
                request, f"The list’s weight in “{each.campaign}” stays as it was: {each.refused}"
            )
        elif each.waits:
            messages.info(
                request, f"The list’s weight in “{each.campaign}” waits for a second person’s approval."
            )
    return redirect("import", import_id=import_id)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def file_trial(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Show what the dry run found, or how far it is; import the file, stop the dry run, or throw the file away."""
    if request.method == "POST":
        person, now = person_of(request), clock.now()
        try:
            if "stop" in request.POST:
                trials.stop_trial(file_id=file_id)
            elif "discard" in request.POST:
                import_drafts.discard(file_id=file_id, by_name=person.username, now=now)
                messages.success(request, "The file was thrown away. Nothing was imported.")
                return redirect("list-import")
            else:
                return _begun(request, file_id)
        except (Stale, import_drafts.PlanRefused) as refusal:
            messages.error(request, refusal.public_message)
        return redirect("import-trial", file_id=file_id)
    facts = read.get_file(file_id)
    context = {"facts": facts, "tried": trials.progress_of(file_id) if facts.is_trying else 0}
    return render(request, "campaigns/import_trial.html", context)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def trial_progress(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Return how far the dry run is; at its end, tell the page to load anew."""
    facts = read.get_file(file_id)
    context = {"facts": facts, "tried": trials.progress_of(file_id)}
    response = render(request, "campaigns/_import_trial_progress.html", context)
    if not facts.is_trying:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def trial_report(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Stream what the dry run found, row by row."""
    facts = read.get_file(file_id)
    pieces = filestore.pieces(facts.id, of=filestore.OF.REPORT)
    response = StreamingHttpResponse(filestore.begun(pieces), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dry-run-{facts.id}.csv"'
    return response


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def import_stop(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Have a running import end after the batch under way."""
    try:
        imports.stop_import(import_id=import_id, by_name=person_of(request).username, now=clock.now())
    except Stale as refusal:
        messages.error(request, refusal.public_message)
    return redirect("import", import_id=import_id)


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def import_undo(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Take an import back as a unit."""
    try:
        done = undoing.undo_import(import_id=import_id, by_name=person_of(request).username, now=clock.now())
    except AppError as refusal:
        messages.error(request, refusal.public_message)
    else:
        kept = f" {done.kept:,} stayed because they are used elsewhere." if done.kept else ""
        messages.success(
            request,
            f"The import was taken back: {done.removed:,} people removed, {done.left:,} taken off the list, {done.restored:,} "
            f"restored.{kept}",
        )
    return redirect("import", import_id=import_id)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def custom_fields(request: HttpRequest) -> HttpResponseBase:
    """Show the house's own fields, or add one."""
    form = FieldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            customfields.add_field(
                label=form.cleaned_data["label"],
                kind=form.cleaned_data["kind"],
                choices=form.cleaned_data["choices"].splitlines(),
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except customfields.FieldRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The field is there. Columns of files can be read into it.")
            return redirect("custom-fields")
    context = {"form": form, "fields": fields_read.list_fields()}
    return render(request, "campaigns/custom_fields.html", context, status=422 if form.errors else 200)
