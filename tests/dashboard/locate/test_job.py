from streamlit.testing.v1 import AppTest

from dashboard.locate.job import Job

PAGE = "from dashboard.locate import job; job.show()"


def test_a_search_without_a_photo_starts_without_the_popularity_of_photos():
    page = AppTest.from_string(PAGE).run()
    page.button_group(key="job").set_value(Job.SEARCH).run()
    assert page.session_state["prior_weight"] == 0.0
    page.button_group(key="job").set_value(Job.VERIFY).run()
    assert page.session_state["prior_weight"] == 1.0
    assert not page.exception
