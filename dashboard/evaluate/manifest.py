"""Evaluate a manifest from the page: which file, what is asked, where it goes; then a bar that can be cancelled."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.common import services, state
from dashboard.common.text import plain
from dashboard.evaluate import progress as evaluate_progress
from dashboard.evaluate import results as evaluate_results
from dashboard.evaluate import worker as evaluate_work
from dashboard.evaluate.worker import Request
from engine.errors import HereaboutsError, InputError

UPLOADED, POINTS, START = "start_evaluate_csv", "start_evaluate_points", "start_evaluate"
COLUMNS = "Columns: id, lat, lon; optional: path, author, split (fit or test)."


def show() -> None:
    """Draw the form, or the progress of what runs."""
    job = evaluate_work.job()
    if job is not None and job.running:
        evaluate_progress.show(job)
        return
    left, right = st.columns(2, gap="large")
    with left:
        path = st.text_input(
            "Manifest on this machine", key=state.EVALUATE_MANIFEST, placeholder="photos.csv", help=COLUMNS
        )
        uploaded = st.file_uploader("or upload it", type="csv", key=UPLOADED, help=COLUMNS)
        if uploaded is not None:
            st.text_input("Base folder of the photo paths", key=state.EVALUATE_PHOTOS)
        points = st.file_uploader(
            "Point predictions of another model (optional)",
            type="csv",
            key=POINTS,
            help="Columns: id, lat, lon[, confidence].",
        )
    with right:
        _choices()
        name = uploaded.name if uploaded is not None else path
        out = st.text_input(
            "Folder for the results", key=state.EVALUATE_OUT, placeholder=str(evaluate_work.default_out(name or "x"))
        )
        pressed = st.button(
            "Evaluate", type="primary", key=START, icon=":material/play_arrow:", disabled=not name, width="stretch"
        )
    if pressed:
        _start(path, uploaded, points, out)
    if job is not None:
        evaluate_progress.show(job)


def _choices() -> None:
    st.toggle("Run the predictors on the photos", key=state.start_with(state.EVALUATE_ASK, True),
              help="Off: uses coordinates and other models' points only.")  # fmt: skip
    st.toggle("Balance over population buckets", key=state.start_with(state.EVALUATE_BALANCE, False),
              help="The same number of photos per bucket, drawn with a fixed seed.")  # fmt: skip
    st.toggle("Fit and calibrate", key=state.start_with(state.EVALUATE_FIT, False),
              help="On the photos marked split = fit, or on a random half if none is marked.")  # fmt: skip
    st.toggle("Use the fit and the calibration on the Locate page", key=state.start_with(state.EVALUATE_KEEP, False))


def _start(path: str, uploaded: UploadedFile | None, points: UploadedFile | None, out: str) -> None:
    """Start the work, or say why it cannot start."""
    try:
        request = _request(path, uploaded, points, out)
        evaluate_work.start(request, services.locator())
    except HereaboutsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def _request(path: str, uploaded: UploadedFile | None, points: UploadedFile | None, out: str) -> Request:
    name = uploaded.name if uploaded is not None else path
    folder = evaluate_results.folder_of(out) if out.strip() else evaluate_work.default_out(name)
    chosen = st.session_state
    photos = str(chosen.get(state.EVALUATE_PHOTOS, "")) if uploaded is not None else ""
    return Request(
        _manifest(path, uploaded, folder),
        folder,
        evaluate_results.folder_of(photos) if photos.strip() else None,
        ask=chosen[state.EVALUATE_ASK],
        points=() if points is None else (_points(points, folder),),
        balance=chosen[state.EVALUATE_BALANCE],
        fit=chosen[state.EVALUATE_FIT],
        keep=chosen[state.EVALUATE_KEEP],
    )


def _manifest(path: str, uploaded: UploadedFile | None, folder: Path) -> Path:
    if uploaded is not None:
        return evaluate_work.saved_upload(uploaded.getvalue(), f"manifest-{uploaded.name}", folder)
    manifest = evaluate_results.folder_of(path)
    if not manifest.is_file():
        raise InputError(f"There is no file {manifest}; give the path of a manifest on this machine or upload one.")
    return manifest


def _points(points: UploadedFile, folder: Path) -> tuple[str, Path]:
    return evaluate_work.plain_stem(points.name), evaluate_work.saved_upload(points.getvalue(), points.name, folder)
