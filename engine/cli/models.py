"""`hereabouts models`: what is on this machine, fetch, use, verify, remove.

Exit status: 0 when it was done and everything is right, 1 when something is missing, wrong or in the way, 2 when the
call itself makes no sense, 130 after Ctrl+C (what has come is kept, and the next fetch goes on from there).
"""

import json
from typing import Annotated, Any

import typer

from engine.artifacts.bundles import bundle_status, fetch_bundle, remove_bundle, require, source_of
from engine.artifacts.catalog import ArtifactRecord, bytes_text
from engine.artifacts.layout import Status
from engine.artifacts.store import Store
from engine.artifacts.verification import Check
from engine.cli.console import INTERRUPTED, console_progress, exit_on_error, print_error, verb_group
from engine.cli.options import JsonOption
from engine.errors import ArtifactError
from engine.predictors.catalogue import PredictorOption, predictor_option, predictor_options
from engine.predictors.reference_checks import CheckResult, Found, reference_checks_for, run_reference_check
from engine.predictors.selection import agree, ask, chosen, is_licence_accepted, read_choices, use_geocells
from engine.progress import Report

app = verb_group("The published models: list, fetch, use, verify, remove.")

Name = Annotated[str, typer.Argument(help="Name of a model; `hereabouts models list` names them.", show_default=False)]
Agreed = Annotated[
    bool, typer.Option("--accept-non-commercial", help="Agree to a licence that forbids commercial use.")
]


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """What there is, what of it is on this machine, how large, and under which licence. Asks no network."""
    store = Store()
    with exit_on_error():
        rows = _rows(store)
    if as_json:
        print(json.dumps({"folder": str(store.root), "by_hand": _text_or_none(store.by_hand), "models": rows}))
        return
    print("\n".join(_line(row) for row in rows))
    print(f"\nFetched models lie in {store.root}; a folder that you fill by hand: set HEREABOUTS_MODELS to it.")


@app.command()
def fetch(
    name: Name,
    accept_non_commercial: Agreed = False,
) -> None:
    """Bring a model with all that it needs, verified; an interrupted download goes on where it stopped."""
    store = _store_with(name)
    title = store.catalog.record(name).title
    _refuse_unagreed(store, name, accept=accept_non_commercial)
    try:
        with exit_on_error(), console_progress() as report:
            _fetch_bundle(store, name, report, accept=accept_non_commercial)
    except KeyboardInterrupt:
        print_error(f"Fetching {title} was stopped; what has come is kept: run it again to go on from there.")
        raise typer.Exit(INTERRUPTED) from None
    print(f"{title} is here ({bytes_text(sum(part.bytes for part in bundle_status(store, name).parts))}).")
    if (said := _next_step(store, name)) is not None:
        print(said)


@app.command()
def use(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Ask it no more; its files stay.")] = False,
    accept_non_commercial: Agreed = False,
) -> None:
    """Have a model that is here look at photos, in the dashboard and here; or no more, with --off."""
    store = Store()
    with exit_on_error():
        wanted = predictor_option(name)
        if not off:
            _refuse_unusable(store, wanted, accept=accept_non_commercial)
            if accept_non_commercial:
                agree(store, wanted.artifact)
        ask(store, wanted.record.name, on=not off)
    print(f"{wanted.record.title} looks at your photos {'no more' if off else 'from now on'}.")


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="A model; all that are here unless given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Hash every file again and ask known photos; says which file is wrong."""
    store = Store() if name is None else _store_with(name)
    names = _names_to_verify(store, name)
    with exit_on_error():
        with console_progress() as report:
            checks = _check_files(store, names, report)
        good = {model for model, _ in checks} - {model for model, check in checks if not check.ok}
        tried = [run_reference_check(store, known) for known in reference_checks_for(store, good)]
    wrong = any(not check.ok for _, check in checks) or any(each.found is Found.WRONG for each in tried)
    print(json.dumps(_verdict(checks, tried, ok=not wrong)) if as_json else _readable(checks, tried))
    raise typer.Exit(1 if wrong else 0)


@app.command()
def remove(name: Name) -> None:
    """Remove a model, and what it needs unless another one here needs that too."""
    store = _store_with(name)
    with exit_on_error():
        removed = remove_bundle(store, name)
    for record, freed in removed:
        print(f"{record.title} was removed ({bytes_text(freed)}).")
    if not removed:
        print(f"There is nothing of {store.catalog.record(name).title} in {store.root} to remove.")


@app.command()
def geocells(
    which: Annotated[str | None, typer.Argument(help="fine or finest; what is in use unless given.")] = None,
) -> None:
    """Which cells GeoCLIP is asked on, in the dashboard and here: fine (13,250), or finest (57,079, to about 1 km)."""
    store = Store()
    if which is not None:
        with exit_on_error():
            use_geocells(store, which)
    print(f"GeoCLIP is asked on the {read_choices(store).geocells} geocells.")


def _store_with(name: str) -> Store:
    """The store, when it knows a model of that name; else a usage error."""
    store = Store()
    try:
        store.catalog.record(name)
    except ArtifactError as error:
        print_error(str(error))
        raise typer.Exit(2) from error
    return store


def _refuse_unagreed(store: Store, name: str, *, accept: bool) -> None:
    """Stop before the first byte when a licence has to be agreed to."""
    status = bundle_status(store, name)
    if status.non_commercial and not accept and not status.present:
        licences = ", ".join(f"{record.title}: {record.licence}" for record in status.non_commercial)
        print_error(f"{name} may not be used commercially ({licences}); agree to that with --accept-non-commercial.")
        raise typer.Exit(1)


def _refuse_unusable(store: Store, wanted: PredictorOption, *, accept: bool) -> None:
    """Raise the sentence on what has to come first: the files, or an agreement."""
    if not wanted.ready(store):
        require(store, wanted.artifact)
    if not accept and not is_licence_accepted(wanted, store, read_choices(store)):
        raise ArtifactError(
            f"{wanted.record.title} may not be used commercially ({wanted.record.licence}); "
            "agree to that with --accept-non-commercial."
        )


def _next_step(store: Store, name: str) -> str | None:
    """Which predictor looks at photos now that a model is here, or how to have it look; None for other models."""
    asked = [each for each in chosen(store) if store.catalog.record(name) in store.catalog.bundle(each.artifact)]
    if asked:
        return f"{' and '.join(each.record.title for each in asked)} looks at your photos from now on."
    if name in {each.artifact for each in predictor_options()}:
        return f"Have it look at your photos: hereabouts models use {name}"
    return None


def _fetch_bundle(store: Store, name: str, report: Report, *, accept: bool) -> None:
    """Fetch with progress; an agreement to a licence is remembered once the model is here."""

    def progress(what: str, done_bytes: int, total_bytes: int) -> None:
        share = done_bytes / total_bytes if total_bytes else 0.0
        report(f"{what}, {bytes_text(done_bytes)} of {bytes_text(total_bytes)}", min(share, 1.0))

    fetch_bundle(store, name, progress, accept_non_commercial=accept)
    if accept:
        agree(store, name)


def _names_to_verify(store: Store, name: str | None) -> list[str]:
    """One model with all that it needs, or every model of which something is here."""
    if name is not None:
        return [record.name for record in store.catalog.bundle(name)]
    return [record.name for record in store.catalog if any(each.path for each in store.status(record.name).files)]


def _check_files(store: Store, names: list[str], report: Report) -> list[tuple[str, Check]]:
    """Every file of the models, hashed."""
    checks: list[tuple[str, Check]] = []
    for number, name in enumerate(names):
        report(f"Verifying {store.catalog.record(name).title}", number / len(names))
        checks += [(name, check) for check in store.verify(name)]
    return checks


def _verdict(checks: list[tuple[str, Check]], tried: list[CheckResult], *, ok: bool) -> dict[str, Any]:
    files = [{"model": name, "file": c.file, "ok": c.ok, "sentence": c.sentence} for name, c in checks]
    answers = [
        {"model": t.artifact, "found": t.found.value, "distance_km": t.distance_km, "sentence": t.sentence}
        for t in tried
    ]
    return {"ok": ok, "files": files, "known_answers": answers}


def _readable(checks: list[tuple[str, Check]], tried: list[CheckResult]) -> str:
    lines = [f"{'right' if check.ok else 'wrong':>7}  {name}: {check.sentence}" for name, check in checks]
    lines += [f"{each.found.value:>7}  {each.artifact}: {each.sentence}" for each in tried]
    return "\n".join(lines) if lines else "No model is on this machine; `hereabouts models list` names them."


def _rows(store: Store) -> list[dict[str, Any]]:
    """Everything about every record, and whether it makes a predictor that looks at photos."""
    asked = {each.artifact for each in chosen(store)}
    return [_facts(store, record) | {"in_use": record.name in asked} for record in store.catalog]


def _facts(store: Store, record: ArtifactRecord) -> dict[str, Any]:
    """Everything about one record, for programs."""
    status = store.status(record.name)
    return {
        "name": record.name,
        "title": record.title,
        "roles": list(record.roles),
        "present": status.present,
        "verified": status.verified,
        "usable": bundle_status(store, record.name).present,
        "bytes": status.bytes,
        "missing_bytes_about": status.missing_bytes_about,
        "partial_bytes": sum(each.partial_bytes for each in status.files),
        "licence": record.licence,
        "non_commercial": record.non_commercial,
        "kind": record.kind.value,
        "source": source_of(record),
        "homepage": record.homepage,
        "citation": record.citation,
        "needs": list(record.needs),
        "files": _files(status),
    }


def _files(status: Status) -> list[dict[str, Any]]:
    return [
        {
            "path": each.file.path,
            "at": _text_or_none(each.path),
            "bytes": each.bytes,
            "bytes_about": each.file.bytes or each.file.bytes_about,
            "partial_bytes": each.partial_bytes,
            "verified": each.verified,
        }
        for each in status.files
    ]


def _presence(row: dict[str, Any]) -> str:
    if row["usable"]:
        return "here, in use" if row["in_use"] else "here"
    return "part of it is here" if row["present"] or row["partial_bytes"] else "not here"


def _line(row: dict[str, Any]) -> str:
    """One model for people."""
    size = bytes_text(row["bytes"]) if row["present"] else _size_to_come(row)
    here = _presence(row)
    needs = f"; needs {', '.join(row['needs'])}" if row["needs"] else ""
    mark = ", NOT FOR COMMERCIAL USE" if row["non_commercial"] else ""
    return f"{row['name']:<22}{here:<20}{size:<16}{row['title']} ({row['licence']}{mark}){needs}"


def _size_to_come(row: dict[str, Any]) -> str:
    about = row["missing_bytes_about"] + row["partial_bytes"]
    return f"about {bytes_text(about)}" if about else "size unknown"


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
