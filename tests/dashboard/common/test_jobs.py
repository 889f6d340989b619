import threading

import pytest

from dashboard.common.jobs import Job, Jobs, State
from dashboard.models.progress import progress_text
from engine.errors import ArtifactError


def wait(job):
    for _ in range(1000):
        if not job.running:
            return job
        threading.Event().wait(0.005)
    raise AssertionError(f"{job} did not end")


def test_a_job_ends_with_what_its_work_says():
    jobs = Jobs()
    job = wait(jobs.start("a", "Fetching A", lambda job: job.report("part", 3, 4) or "A is here."))
    assert (job.state, job.sentence, job.share, job.what) == (State.DONE, "A is here.", 0.75, "part")
    assert jobs.job("a") is job
    jobs.dismiss("a")
    assert jobs.job("a") is None


def test_a_second_press_finds_the_job_that_runs():
    jobs, gate, calls = Jobs(), threading.Event(), []

    def work(job):
        calls.append(job)
        gate.wait(5)
        return ""

    first = jobs.start("a", "A", work)
    assert jobs.start("a", "A", work) is first
    jobs.dismiss("a")
    assert jobs.job("a") is first, "what runs cannot be dismissed"
    gate.set()
    wait(first)
    assert calls == [first]
    assert wait(jobs.start("a", "A", work)) is not first


def test_a_job_that_was_stopped_says_so():
    def work(job):
        while not job.cancelled():
            threading.Event().wait(0.005)
        raise ArtifactError("Fetching A was stopped; what came is kept.")

    job = Jobs().start("a", "A", work)
    assert job.running
    job.cancel()
    assert wait(job).state is State.STOPPED
    assert "what came is kept" in job.sentence


def test_a_failure_that_is_meant_for_people_is_told_as_it_is():
    def work(job):
        raise ArtifactError("The disk is full; make room.")

    job = wait(Jobs().start("a", "A", work))
    assert (job.state, job.sentence) == (State.FAILED, "The disk is full; make room.")


def test_any_other_failure_is_logged_and_told_without_its_insides(caplog):
    def work(job):
        raise ZeroDivisionError("secret insides")

    job = wait(Jobs().start("a", "Fetching A", work))
    assert job.state is State.FAILED
    assert job.sentence.startswith("Fetching A failed") and "secret" not in job.sentence
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (Job("a", "Fetching A"), "Fetching A…"),
        (Job("a", "Fetching A", what="B", done=500_000, total=2_000_000), "B: 500 kB of 2 MB"),
        (Job("a", "Verifying A", what="B", done=0, total=2), "Verifying A: B"),
    ],
)
def test_progress_in_words(job, text):
    assert progress_text(job) == text


def test_speed_and_time_left_are_told_after_a_while(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("dashboard.common.jobs.time.monotonic", lambda: clock[0])
    job = Job("a", "Fetching A")
    job.report("B", 1_000_000, 101_000_000)
    clock[0] += 1
    job.report("B", 3_000_000, 101_000_000)
    assert job.per_s is None, "a second says more about buffers than about the line"
    clock[0] += 9
    job.report("B", 11_000_000, 101_000_000)
    assert job.per_s == pytest.approx(1_000_000)
    assert progress_text(job) == "B: 11 MB of 101 MB, 1 MB/s, about 2 min left"
    job.cancel()
    assert progress_text(job).endswith("stopping")
