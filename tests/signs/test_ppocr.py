# ruff: noqa: RUF001
import numpy as np
import pytest
from rendered import page

from engine.errors import ArtifactError, SignsError
from engine.signs import ppocr
from engine.signs.ppocr import PpOcrReader

# Signs as they stand in streets, with the letters and marks of twenty languages.
LATIN = [
    "Einfahrt freihalten", "Öffnungszeiten 9-18 Uhr", "Hauptstraße 45", "Défense d'afficher", "Sortie de secours",
    "Rue de la République", "Prohibido el paso", "Calle Mayor 12", "Peligro de muerte", "Divieto di sosta",
    "Via Garibaldi 3", "Proprietà privata", "Saída de emergência", "Câmara municipal", "Verboden toegang",
    "Doodlopende weg", "Gårdsbutik öppet", "Återvändsgränd", "Nødudgang til højre", "Kør forsigtigt",
    "Pysäköinti kielletty",
    "Uwaga zły pies", "Ulica Długa 7", "Zákaz parkování", "Městský úřad", "Pozor na psa", "Vigyázat kutya",
    "Gyógyszertár", "Ieșire de urgență", "Zabranjeno parkiranje", "Vstop prepovedan", "Park yapılmaz",
    "Welcome to Springfield", "Speed limit 30 mph", "No parking anytime", "Tel. +44 20 7946 0958", "www.beispiel.de",
    "info@example.fr", "Open 24 hours", "Exit 14 Airport", "12,50 EUR", "AB12 CDE", "B-AB 1234", "Bahnhof 2,5 km",
    "Bar Restaurant Hotel", "Privatgrundstück", "Boulangerie Martin", "Farmacia Centrale",
]  # fmt: skip


def test_48_rendered_lines_are_read_letter_for_letter_at_18_pixels(reader):
    assert len(LATIN) == 48
    read = reader.read(page(LATIN))
    assert read.notes == () and read.unread == ()
    texts = {line.text for line in read.lines}
    wrong = [line for line in LATIN if line not in texts]
    assert len(wrong) <= 3, wrong


OTHER_SCRIPTS = {
    "Cyrl": ["Продажа квартир", "Осторожно злая собака", "ПАРКОВКА ЗАПРЕЩЕНА", "Вход воспрещён"],
    "Grek": ["Απαγορεύεται η στάθμευση", "Φαρμακείο της πόλης", "Προσοχή σκύλος", "Ενοικιάζεται γραφείο"],
    "Arab": ["ممنوع الوقوف", "مخرج الطوارئ", "صيدلية المدينة", "محطة القطار"],
    "Hebr": ["אין כניסה לרכב", "יציאת חירום", "בית מרקחת", "תחנת רכבת"],
    "Armn": ["Մուտքն արգելված է", "Դեղատուն քաղաքի", "Ավտոկայանատեղի", "Վաճառվում է բնակարան"],
    "Geor": ["შესვლა აკრძალულია", "აფთიაქი", "იყიდება ბინა", "ავტობუსის გაჩერება"],
}


@pytest.fixture(scope="module")
def other_scripts(reader):
    """One page of them, a script a column of four lines."""
    rows = zip(*OTHER_SCRIPTS.values(), strict=True)
    return reader.read(page([line for row in rows for line in row], size=26, columns=6))


@pytest.mark.parametrize("script", OTHER_SCRIPTS)
def test_letters_that_it_cannot_read_are_not_read(other_scripts, script):
    assert [line for line in other_scripts.lines if line.score >= 0.9] == []
    column = list(OTHER_SCRIPTS).index(script)
    mine = [
        line for line in other_scripts.unread if column / 6 <= (line.box.left + line.box.right) / 2 < (column + 1) / 6
    ]
    assert len(mine) >= 3
    assert {line.script for line in mine} == {script}
    assert all(line.text == "" and line.reader == "PP-OCR" for line in mine)


def test_boxes_lie_around_the_lines(reader):
    pixels = page(["Bahnhof"], size=40, columns=1)
    (line,) = reader.read(pixels).lines
    left, top, right, bottom = line.box.pixels(pixels.shape[1], pixels.shape[0])
    dark = np.argwhere(pixels.mean(2) < 100)
    assert top <= dark[:, 0].min() + 2 and bottom >= dark[:, 0].max() - 2
    assert left <= dark[:, 1].min() + 2 and right >= dark[:, 1].max() - 2


def test_a_line_on_its_head_is_read(reader):
    read = reader.read(np.ascontiguousarray(page(["Einfahrt freihalten"], size=30, columns=1)[::-1, ::-1]))
    assert [line.text for line in read.lines] == ["Einfahrt freihalten"]


@pytest.mark.parametrize("shape", [(10, 10, 3), (15, 300, 3)])
def test_a_tiny_photo_says_so(shape):
    read = PpOcrReader().read(np.random.default_rng(0).integers(0, 255, shape, np.uint8))
    assert read.lines == () and "too few to read text in" in read.notes[0]


def test_a_photo_of_one_colour_says_so_and_loads_no_network(monkeypatch):
    monkeypatch.setattr(ppocr, "_Detector", None)
    read = PpOcrReader().read(np.full((600, 800, 3), 90, np.uint8))
    assert read.lines == () and "one colour" in read.notes[0]


def test_noise_has_no_text(reader):
    read = reader.read(np.random.default_rng(1).integers(0, 255, (400, 600, 3)).astype(np.uint8))
    assert read.lines == () and read.unread == ()


def test_a_page_of_many_lines_is_bounded_and_says_so(reader, monkeypatch):
    monkeypatch.setattr(ppocr, "MOST_LINES", 6)
    read = reader.read(page([f"Absatz {number}" for number in range(20)], columns=2))
    assert len(read.lines) <= 6
    assert read.notes == ("The photo has about 20 lines of text; the 6 largest were read.",)


def test_small_lines_are_left_out_and_counted(reader, monkeypatch):
    monkeypatch.setattr(ppocr, "SHORTEST_LINE", 60)
    read = reader.read(page(["Absatz"], columns=1))
    assert read.lines == () and "lower than 60 pixels" in read.notes[0]


def test_reading_ends_in_time(reader, monkeypatch):
    monkeypatch.setattr(ppocr, "MOST_SECONDS", -1.0)
    read = reader.read(page(["Absatz"], columns=1))
    assert read.lines == () and "ended with 1 of 1 lines not read" in read.notes[0]


def test_it_can_be_cancelled_and_reports_how_far_it_is(reader):
    heard = []
    with pytest.raises(SignsError, match="was stopped"):
        reader.read(page(["Absatz"], columns=1), lambda what, share: heard.append((what, share)), lambda: True)
    assert heard == [("Looking for text", 0.0)]


def test_a_damaged_network_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "PP-OCRv6_det_small.onnx").write_bytes(b"nothing")
    (tmp_path / "PP-OCRv6_rec_small.onnx").write_bytes(b"nothing")
    monkeypatch.setattr("engine.signs.recognizer._models_folder", lambda: tmp_path)
    with pytest.raises(ArtifactError, match="finds text is damaged; install rapidocr again"):
        PpOcrReader().read(page(["Absatz"], columns=1))
    from engine.signs.recognizer import Recognizer

    with pytest.raises(ArtifactError, match="reads text is damaged; install rapidocr again"):
        Recognizer()


def test_a_page_too_dense_for_lines_says_so():
    assert ppocr._left_out(3, 0, 0.81) == (
        "Text covers 81% of the photo, too small and dense to tell lines apart; crop closer.",
        "3 lines are lower than 8 pixels and were not read; crop closer.",
    )
    assert ppocr._left_out(40, 40, 0.5) == () and ppocr._left_out(2, 2, 0.02) == ()
