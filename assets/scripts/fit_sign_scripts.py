"""Fits the script head of the sign reader and writes assets/models/sign_scripts.npz.

    uv run --group assets assets/scripts/fit_sign_scripts.py FONTS [--each 700]

FONTS is a folder of fonts, searched with its subfolders. The shipped model was fitted with these packages of Debian 12,
unpacked: fonts-noto-core, fonts-noto-cjk, fonts-tlwg-garuda-ttf, -kinnari-ttf, -loma-ttf, -sawasdee-ttf, fonts-nanum,
fonts-hosny-amiri, fonts-kacst, fonts-paratype, fonts-roboto-unhinted, fonts-roboto-slab, fonts-open-sans, fonts-lato,
fonts-lohit-deva, -taml, -telu, -beng-bengali, fonts-sil-padauk, fonts-sil-abyssinica, fonts-khmeros,
fonts-ipaexfont-gothic, fonts-smc-manjari, fonts-lao, culmus (all OFL, Apache-2.0 or GPL with font exception).

Lines are rendered, not photographed: names of places in GeoNames (other names in their own script), words of Unicode
CLDR, digits, prices and number plates, in a random font, size, colour, ground, slant, blur, noise and JPEG quality, at
12 to 60 pixels. What is no text is textures: noise, bars, bricks. Every fourth font of a script with several is kept
for the figures, so that they are of letter shapes that the fit has not seen.
"""

import argparse
import contextlib
import io
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from fontTools.ttLib import TTCollection, TTFont
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from engine.evidence import gazetteer
from engine.signs.recognizer import FEATURES, Recognizer
from engine.signs.script_head import MODEL_PATH, NOTHING, ScriptHead

SEED = 7
BLOCKS = {
    "Latn": [(0x41, 0x24F), (0x1E00, 0x1EFF)], "Cyrl": [(0x400, 0x52F)], "Grek": [(0x370, 0x3FF)],
    "Arab": [(0x600, 0x6FF), (0x750, 0x77F)], "Hebr": [(0x590, 0x5FF)], "Armn": [(0x530, 0x58F)],
    "Geor": [(0x10A0, 0x10FF)], "Ethi": [(0x1200, 0x137F)], "Deva": [(0x900, 0x97F)], "Beng": [(0x980, 0x9FF)],
    "Guru": [(0xA00, 0xA7F)], "Gujr": [(0xA80, 0xAFF)], "Orya": [(0xB00, 0xB7F)], "Taml": [(0xB80, 0xBFF)],
    "Telu": [(0xC00, 0xC7F)], "Knda": [(0xC80, 0xCFF)], "Mlym": [(0xD00, 0xD7F)], "Sinh": [(0xD80, 0xDFF)],
    "Thai": [(0xE00, 0xE7F)], "Laoo": [(0xE80, 0xEFF)], "Tibt": [(0xF00, 0xFFF)], "Mymr": [(0x1000, 0x109F)],
    "Khmr": [(0x1780, 0x17FF)], "Hang": [(0xAC00, 0xD7A3)], "Kana": [(0x3041, 0x30FF)], "Hani": [(0x4E00, 0x9FFF)],
}  # fmt: skip
SAMPLE = {
    "Latn": "Aßé", "Cyrl": "Жщя", "Grek": "Ωψξ", "Arab": "شعق", "Hebr": "שעק", "Armn": "Ժղա", "Geor": "ყშა",
    "Ethi": "ሀለመ", "Deva": "कगअ", "Beng": "কগঅ", "Guru": "ਕਗਅ", "Gujr": "કગઅ", "Orya": "କଗଅ", "Taml": "கஅன",
    "Telu": "కగఅ", "Knda": "ಕಗಅ", "Mlym": "കഗഅ", "Sinh": "කගඅ", "Thai": "กขอ", "Laoo": "ກຂອ", "Tibt": "ཀཁག",
    "Mymr": "ကခဂ", "Khmr": "កខគ", "Hang": "한국어", "Kana": "あアの", "Hani": "京北路",
}  # fmt: skip
MORE = {"Latn": 4.0, "Cyrl": 2.0, "Grek": 2.0, "Hani": 1.5, "Kana": 1.5}
"""Scripts that need more lines than others: those that look alike, and those that must never be lost."""
LONGEST = 24


def words_by_script() -> dict[str, list[str]]:
    """Words of every script: names of places and words of CLDR."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    found: dict[str, set[str]] = {script: set() for script in BLOCKS}
    places = gazetteer._places()
    names = [name for others in places.others for name in others.split("|") if name] + places.names[::6]
    for code in sorted(locale_identifiers()):
        if "_" in code:
            continue
        locale = Locale.parse(code)
        names += [*locale.territories.values(), *locale.languages.values(), *locale.months["format"]["wide"].values()]
        names += [*locale.days["format"]["wide"].values(), *locale.currencies.values()]
    for name in names:
        for word in (name, *name.split()):
            script = script_of(word)
            if script and 1 < len(word) <= 2 * LONGEST:
                found[script].add(word)
    return {script: sorted(words) for script, words in found.items()}


def script_of(word: str) -> str:
    """The script of a word whose letters are all of one; Han with Kana is Kana."""
    found = {
        next((script for script, blocks in BLOCKS.items() if any(a <= ord(c) <= b for a, b in blocks)), "?")
        for c in word
        if c.isalpha()
    }
    if found == {"Hani", "Kana"}:
        return "Kana"
    return found.pop() if len(found) == 1 and "?" not in found else ""


def fonts_by_script(folder: Path) -> dict[str, list[tuple[str, int]]]:
    """Fonts, file and number in it, that have the letters of each script."""
    found: dict[str, list[tuple[str, int]]] = {script: [] for script in BLOCKS}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".ttf", ".otf", ".ttc"} or "Emoji" in path.name:
            continue
        fonts = TTCollection(path).fonts if path.suffix.lower() == ".ttc" else [TTFont(path, lazy=True)]
        for number, font in enumerate(fonts):
            known = font.getBestCmap() or {}
            for script, letters in SAMPLE.items():
                if all(ord(letter) in known for letter in letters):
                    found[script].append((str(path), number))
    return found


class Lines:
    """Draws lines of a script at random."""

    def __init__(self, words: dict[str, list[str]], fonts: dict[str, list[tuple[str, int]]], held_out: bool) -> None:
        self._words, self._random, self._fonts = words, random.Random(SEED + held_out), {}
        for script, all_fonts in fonts.items():
            kept = [font for number, font in enumerate(all_fonts) if (number % 4 == 3) == held_out]
            self._fonts[script] = kept or all_fonts

    def line(self, script: str) -> npt.NDArray[np.uint8]:
        """One crop, BGR."""
        return self._textured() if script == NOTHING else self._photographed(self._drawn(self._text(script), script))

    def _text(self, script: str) -> str:
        pick = self._random
        if script == "Latn" and pick.random() < 0.2:
            return self._numbers()
        text = pick.choice(self._words[script])
        while len(text) < LONGEST and pick.random() < 0.45:
            text += ("" if script in {"Hani", "Kana", "Thai", "Laoo"} else " ") + pick.choice(self._words[script])
        if script in {"Latn", "Cyrl", "Grek", "Armn"}:
            text = pick.choice([text, text.upper(), text.title(), text.upper()])
        if pick.random() < 0.12:
            text += f" {pick.randint(1, 3000)}"
        return text[: 2 * LONGEST]

    def _numbers(self) -> str:
        pick = self._random
        letters = "".join(pick.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))
        low, high = pick.randint(1, 99), pick.randint(100, 9999)
        return pick.choice(
            [
                f"{low}{high}",
                f"{low},{pick.randint(10, 99)} €",
                f"{letters} {high}",
                f"{letters[0]}-{letters[1:]} {high}",
                f"+{low} {pick.randint(100, 999)} {high}",
                f"{pick.randint(6, 12)}:00 - {pick.randint(13, 23)}:30",
                f"www.{letters.lower()}{low}.com",
                f"{low} km",
            ]
        )

    def _drawn(self, text: str, script: str) -> Image.Image:
        pick = self._random
        path, number = pick.choice(self._fonts[script])
        size = pick.randint(18, 56)
        font = ImageFont.truetype(path, size, index=number)
        with contextlib.suppress(OSError, TypeError, ValueError):  # most fonts have one weight
            font.set_variation_by_axes([pick.choice([100, 400, 700, 900])])
        left, top, right, bottom = font.getbbox(text)
        margin = [pick.uniform(0.02, 0.3) * size for _ in range(4)]
        image = self._ground(
            int(right - left + margin[0] + margin[1]) + 2, int(bottom - top + margin[2] + margin[3]) + 2
        )
        grey = float(np.asarray(image).mean())
        ink = tuple(
            int(max(0, min(255, grey + (1 if grey < 128 else -1) * pick.uniform(60, 220) + pick.uniform(-40, 40))))
            for _ in range(3)
        )
        ImageDraw.Draw(image).text((margin[0] - left, margin[2] - top), text, font=font, fill=ink)
        return image

    def _ground(self, width: int, height: int) -> Image.Image:
        pick = self._random
        first, second = ([pick.uniform(0, 255) for _ in range(3)] for _ in range(2))
        share = pick.uniform(0.0, 0.4)
        across = np.linspace(0, 1, width)[None, :, None] * share
        ground = np.array(first)[None, None] * (1 - across) + np.array(second)[None, None] * across
        ground = np.repeat(ground, height, 0)
        if pick.random() < 0.3:
            ground += self._noise(height, width) * pick.uniform(5, 30)
        return Image.fromarray(ground.clip(0, 255).astype(np.uint8))

    def _noise(self, height: int, width: int) -> npt.NDArray[np.float64]:
        generator = np.random.default_rng(self._random.randrange(2**31))
        small = generator.normal(
            size=(max(height // self._random.choice([1, 2, 6]), 1), max(width // self._random.choice([1, 2, 6]), 1), 1)
        )
        return np.asarray(Image.fromarray(small[:, :, 0].astype(np.float32)).resize((width, height)))[:, :, None]

    def _photographed(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """Slanted, blurred, scaled, with noise and JPEG."""
        pick = self._random
        if pick.random() < 0.5:
            shear, turn = pick.uniform(-0.25, 0.25), pick.uniform(-0.03, 0.03)
            fill = tuple(int(value) for value in np.asarray(image)[0, 0])
            coefficients = (1, shear, -shear * image.height / 2, turn, 1, -turn * image.width / 2)
            image = image.transform(
                image.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC, fillcolor=fill
            )
        if pick.random() < 0.4:
            image = image.filter(ImageFilter.GaussianBlur(pick.uniform(0.3, 1.6)))
        scale = pick.uniform(12, 60) / image.height
        size = max(int(image.width * scale * pick.uniform(0.7, 1.3)), 8), max(int(image.height * scale), 8)
        pixels = np.asarray(image.resize(size, Image.Resampling.BILINEAR), np.float64)
        pixels = pixels + np.random.default_rng(pick.randrange(2**31)).normal(
            0, pick.choice([0, 2, 6, 12]), pixels.shape
        )
        sink = io.BytesIO()
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(sink, "JPEG", quality=pick.randint(30, 95))
        return np.asarray(Image.open(sink))[:, :, ::-1].copy()

    def _textured(self) -> npt.NDArray[np.uint8]:
        """Bars, bricks, blobs and noise: what a detector of text falls for."""
        pick = self._random
        height, width = pick.randint(20, 60), pick.randint(40, 300)
        image = self._ground(width, height)
        draw = ImageDraw.Draw(image)
        kind, gap = pick.choice(["bars", "bricks", "blobs", "noise"]), pick.randint(4, 20)
        ink = tuple(pick.randint(0, 255) for _ in range(3))
        if kind in {"bars", "bricks"}:
            for x in range(pick.randint(0, gap), width, gap):
                draw.line(
                    (x, 0, x + pick.choice([0, 0, gap // 2]), height), fill=ink, width=pick.randint(1, max(gap // 2, 1))
                )
        if kind == "bricks":
            for y in range(pick.randint(0, gap), height, gap):
                draw.line((0, y, width, y), fill=ink, width=pick.randint(1, 3))
        if kind == "blobs":
            for _ in range(pick.randint(3, 40)):
                x, y, r = pick.uniform(0, width), pick.uniform(0, height), pick.uniform(1, height / 3)
                draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(pick.randint(0, 255) for _ in range(3)))
        if kind == "noise":
            noisy = np.asarray(image, np.float64) + self._noise(height, width) * pick.uniform(20, 90)
            image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
        return self._photographed(image)


Drawn = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


def features_of(lines: Lines, labels: Sequence[str], count: Callable[[str], int], reader: Recognizer) -> Drawn:
    """``(lines, 480)`` and the number of each label."""
    rows: list[npt.NDArray[np.float32]] = []
    numbers: list[int] = []
    for number, label in enumerate(labels):
        for some in _batches([lines.line(label) for _ in range(count(label))]):
            rows += [read.features for read in reader.read(some)]
        numbers += [number] * count(label)
        print(label, count(label), flush=True)
    return np.stack(rows), np.array(numbers)


def _batches(crops: list[npt.NDArray[np.uint8]]) -> Iterator[list[npt.NDArray[np.uint8]]]:
    for start in range(0, len(crops), 60):
        yield crops[start : start + 60]


def fit(train: Drawn, test: Drawn, labels: Sequence[str], penalty: float) -> ScriptHead:
    """Ridge-penalised multinomial regression; the temperature is that of the fonts kept apart."""
    x, y = torch.tensor(train[0]), torch.tensor(train[1])
    mean, spread = x.mean(0), x.std(0).clamp_min(1e-3)
    x = (x - mean) / spread
    layer = torch.nn.Linear(FEATURES, len(labels))
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.cross_entropy(layer(x), y) + penalty * layer.weight.square().sum() / 2
        value.backward()
        return value

    optimiser.step(loss)
    head = ScriptHead(
        tuple(labels), mean.numpy(), spread.numpy(), layer.weight.detach().numpy(), layer.bias.detach().numpy()
    )
    return ScriptHead(head.labels, head.mean, head.spread, head.weights, head.bias, temperature(head, test))


def temperature(head: ScriptHead, test: Drawn) -> float:
    """The one of a few with the least log loss on lines not in the fit."""

    def log_loss(value: float) -> float:
        tried = ScriptHead(head.labels, head.mean, head.spread, head.weights, head.bias, value)
        return float(-np.log(tried.probabilities(test[0])[np.arange(len(test[1])), test[1]] + 1e-12).mean())

    return min((0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5), key=log_loss)


def report(head: ScriptHead, test: Drawn) -> None:
    """Figures on the fonts kept apart."""
    probability = head.probabilities(test[0])
    best = probability.argmax(1)
    print(f"right: {(best == test[1]).mean():.4f}, temperature {head.temperature}")
    for number, label in enumerate(head.labels):
        mine, said = test[1] == number, best == number
        sure = said & (probability.max(1) >= 0.9)
        right, right_sure = (said & mine).sum(), (sure & mine).sum()
        others = {head.labels[k]: int(((best == k) & mine).sum()) for k in np.unique(best[mine]) if k != number}
        print(
            f"{label}: found {right / mine.sum():.3f}, right when said {right / max(said.sum(), 1):.3f}; from 0.9 "
            f"found {right_sure / mine.sum():.3f}, right {right_sure / max(sure.sum(), 1):.3f}; taken for {others}"
        )


def main() -> None:
    """Draw, read, fit, report, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--each", type=int, default=700)
    parser.add_argument("--drawn", type=Path, default=None, help="keep the features in this file, or take them from it")
    given = parser.parse_args()
    labels = [*BLOCKS, NOTHING]
    if given.drawn is not None and given.drawn.is_file():
        with np.load(given.drawn) as file:
            train, test = (file["x"], file["y"]), (file["tx"], file["ty"])
    else:
        words, fonts, reader = words_by_script(), fonts_by_script(given.fonts), Recognizer(threads=1)
        print({script: (len(words[script]), len(fonts[script])) for script in BLOCKS})
        counts = (lambda label: int(given.each * MORE.get(label, 1.0)), lambda _label: given.each // 4)
        train, test = (
            features_of(Lines(words, fonts, held_out), labels, counts[held_out], reader) for held_out in (False, True)
        )
        if given.drawn is not None:
            np.savez(given.drawn, x=train[0], y=train[1], tx=test[0], ty=test[1])
    best = min(
        (fit(train, test, labels, penalty) for penalty in (1e-4, 3e-4, 1e-3, 3e-3)),
        key=lambda head: -np.log(head.probabilities(test[0])[np.arange(len(test[1])), test[1]] + 1e-12).mean(),
    )
    report(best, test)
    best.save(MODEL_PATH)


if __name__ == "__main__":
    main()
