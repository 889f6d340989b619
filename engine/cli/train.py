"""`hereabouts train attributes`, `cells` and `map-encoders`, and `embed`: networks for the user's own geotagged photos.

With several GPUs: ``torchrun --nproc-per-node 4 -m engine.cli train attributes MANIFEST ...``.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import console_progress, exit_on_error, verb_group
from engine.cli.options import DeviceOption, JsonOption, LocalOption, RandomOption, SourceOption, ZoomOption
from engine.errors import InputError
from engine.progress import Report

app = verb_group("Train networks on your own geotagged photos.")

ManifestArgument = Annotated[Path, typer.Argument(help="CSV: path, lat, lon[, id, author, split]; or a folder.")]
OutOption = Annotated[Path, typer.Option(help="Folder of checkpoint, model card, log and report.")]
WeightsOption = Annotated[Path | None, typer.Option(help="Weights of the backbone, safetensors.")]
UntrainedOption = Annotated[bool, typer.Option("--random-weights", help="Start from random weights.")]
SizeOption = Annotated[int | None, typer.Option(help="Side of the network's input, pixels.")]
EpochsOption = Annotated[int, typer.Option(help="At most this many.")]
BatchOption = Annotated[int, typer.Option(help="Photos per step, of all processes together.")]
RateOption = Annotated[float, typer.Option(help="Highest learning rate.")]
PatienceOption = Annotated[int, typer.Option(help="Epochs without progress before it stops.")]
PrecisionOption = Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")]
WorkersOption = Annotated[int, typer.Option(help="Processes that prepare photos.")]
ValidationOption = Annotated[float, typer.Option(help="Share of photos to validate on.")]
TestOption = Annotated[float, typer.Option(help="Share of photos to test on.")]
SeedOption = Annotated[int, typer.Option(help="Of everything random.")]
SaveOption = Annotated[int, typer.Option(help="Batches between two saves.")]
RestartOption = Annotated[bool, typer.Option("--restart", help="Discard the training in the folder.")]
KeepOption = Annotated[float, typer.Option(help="Disk for resized photos, GB.")]


@app.command("attributes")
def attributes_command(
    manifest: ManifestArgument,
    out: OutOption = Path("attribute_head"),
    attribute: Annotated[list[str] | None, typer.Option(help="Layers to learn; those of the paper by default.")] = None,
    features: Annotated[Path | None, typer.Option(help="Table of features in place of photos.")] = None,
    backbone: Annotated[str | None, typer.Option(help="Name in timm; BiT-M ResNet-50v2 by default.")] = None,
    weights: WeightsOption = None,
    random_weights: UntrainedOption = False,
    heads: Annotated[str, typer.Option(help="separate networks, or heads on one shared backbone.")] = "separate",
    urban_share: Annotated[float, typer.Option(help="Largest share of urban land cover; 1 keeps all.")] = 0.125,
    size: SizeOption = None,
    epochs: EpochsOption = 100,
    batch: BatchOption = 64,
    learning_rate: RateOption = 3e-4,
    patience: PatienceOption = 8,
    precision: PrecisionOption = "auto",
    workers: WorkersOption = 0,
    device: DeviceOption = None,
    validation: ValidationOption = 0.1,
    test: TestOption = 0.1,
    seed: SeedOption = 0,
    save_every: SaveOption = 1000,
    restart: RestartOption = False,
    keep_gb: KeepOption = 8.0,
    as_json: JsonOption = False,
) -> None:
    """Train attribute heads (population, land cover) on geotagged photos, or on a table of features."""
    with _errors(), _progress() as report:
        from engine.training.labels import chosen_layers
        from engine.training.preparation import SplitOptions
        from engine.training.task import Plan

        layers = chosen_layers(_split_names(attribute)) if attribute else ()
        sharing = SplitOptions(urban_share, validation, test, seed)
        if features is not None:
            from engine.training.features import FeatureOptions, train_features

            told = train_features(FeatureOptions(manifest, features, out, layers, sharing), report)
        else:
            from engine.training.attributes import AttributeOptions, train_attributes
            from engine.training.backbone import DEFAULT

            plan = Plan(epochs, batch, learning_rate, 0.01, patience, seed, precision, workers, save_every)
            told = train_attributes(
                AttributeOptions(
                    manifest, out, layers, backbone or DEFAULT, weights, random_weights, heads, size, plan, sharing,
                    device=device, restart=restart, kept_bytes=_parse_gigabytes(keep_gb),
                ),
                report,
            )  # fmt: skip
    _print_report(told, out, as_json)


@app.command("cells")
def cells_command(
    manifest: ManifestArgument,
    out: OutOption = Path("cell_classifier"),
    weights: WeightsOption = None,
    random_weights: UntrainedOption = False,
    minimum: Annotated[int | None, typer.Option(help="Cells with this many photos or fewer are dropped.")] = None,
    maxima: Annotated[str | None, typer.Option(help="COARSE,MIDDLE,FINE: cells with more are split.")] = None,
    name: Annotated[str, typer.Option(help="Name of the partitions.")] = "cells",
    size: SizeOption = None,
    epochs: EpochsOption = 20,
    batch: BatchOption = 64,
    learning_rate: RateOption = 3e-4,
    patience: PatienceOption = 4,
    precision: PrecisionOption = "auto",
    workers: WorkersOption = 0,
    device: DeviceOption = None,
    validation: ValidationOption = 0.05,
    test: TestOption = 0.05,
    seed: SeedOption = 0,
    save_every: SaveOption = 1000,
    restart: RestartOption = False,
    keep_gb: KeepOption = 8.0,
    as_json: JsonOption = False,
) -> None:
    """Train the S2 cell classifier: three heads over cells adapted to the photos."""
    with _errors(), _progress() as report:
        from engine.training.cells import SIZE, CellOptions, train_cells
        from engine.training.preparation import SplitOptions
        from engine.training.task import Plan

        plan = Plan(epochs, batch, learning_rate, 0.01, patience, seed, precision, workers, save_every)
        options = CellOptions(
            manifest, out, weights, random_weights, size or SIZE, minimum, _parse_maxima(maxima), name, plan,
            SplitOptions(1.0, validation, test, seed), device=device, restart=restart,
            kept_bytes=_parse_gigabytes(keep_gb),
        )  # fmt: skip
        told = train_cells(options, report)
    _print_report(told, out, as_json)


@app.command("map-encoders")
def map_encoders_command(
    manifest: ManifestArgument,
    source: SourceOption,
    out: Annotated[Path, typer.Option(help="Folder of the trained blocks and their record.")] = Path("map_encoders"),
    epochs: Annotated[int, typer.Option(help="Passes over the photos per zoom.")] = 5,
    batch: BatchOption = 64,
    learning_rate: Annotated[float, typer.Option(help="Of Adam.")] = 1e-4,
    seed: SeedOption = 0,
    save_every: SaveOption = 50,
    max_zoom: ZoomOption = 16,
    device: DeviceOption = None,
    allow_local: LocalOption = False,
    random_weights: RandomOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the last two blocks of CLIP, per zoom, to embed a tile near its photos; continues an interrupted run."""
    from engine.cli.tile_source import open_imagery
    from engine.evaluation.manifest import read_manifest
    from engine.tile_search.tile_encoders import load_encoders
    from engine.training.distributed import join_group
    from engine.training.map_encoders import train_map_encoders
    from engine.training.tile_pairs import read_pairs, write_test_manifest
    from engine.training.zoom_training import TrainSettings

    with _errors(), open_imagery(source, max_zoom, allow_local=allow_local) as imagery, join_group(device) as group:
        settings = TrainSettings(
            epochs=epochs, batch=batch, learning_rate=learning_rate, seed=seed, save_every=save_every
        )
        listed = read_manifest(manifest, need_photos=True)
        loaded = load_encoders(device=group.device, dtype="float32", random_weights=random_weights, to_train=True)
        with _progress() as report:
            pairs = read_pairs(listed, loaded, seed, report)
            record = train_map_encoders(pairs, imagery, loaded, out, settings, report, group)
            held_out = write_test_manifest(out, listed, pairs) if group.is_first else None
    _print_zooms(record, out, held_out, {**dict(listed.excluded), **pairs.left_out}, as_json=as_json)


def embed(
    manifest: ManifestArgument,
    out: Annotated[Path, typer.Option(help="The table, .parquet.")] = Path("embeddings.parquet"),
    encoder: Annotated[str, typer.Option(help="Name of a model with an encoder.")] = "clip_vit_l14_openai",
    random_weights: Annotated[int | None, typer.Option(help="Seed of random weights, for trials.")] = None,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Store embeddings of photos in a table, to train heads."""
    with _errors(), _progress() as report:
        from engine.artifacts.store import Store
        from engine.training.embed import EmbedOptions, embed_photos

        store = Store()
        options = EmbedOptions(manifest, out, store.catalog.record(encoder), store, random_weights, device)
        told = embed_photos(options, report)
    _print_report(told, out, as_json)


def _split_names(texts: list[str]) -> list[str]:
    return [name.strip() for text in texts for name in text.split(",")]


def _parse_gigabytes(gigabytes: float) -> int:
    if not 0 <= gigabytes < 1e6:
        raise InputError(f"--keep-gb {gigabytes:g} makes no sense; give 0 or more GB.")
    return int(gigabytes * 1e9)


def _parse_maxima(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    try:
        coarse, middle, fine = (int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"--maxima {text!r} is not COARSE,MIDDLE,FINE; write for instance 5000,2000,1000.") from error
    return coarse, middle, fine


def _is_first() -> bool:
    """Whether this is the process that prints."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def _progress() -> Iterator[Report | None]:
    if not _is_first():
        yield None
        return
    with console_progress() as report:
        yield report


def _errors() -> AbstractContextManager[None]:
    """``exit_on_error``; of several processes, only the first prints."""
    return exit_on_error(silent=not _is_first())


def _print_report(told: Mapping[str, Any], out: Path, as_json: bool) -> None:
    if not _is_first():
        return
    if as_json:
        print(json.dumps(told, allow_nan=False))
        return
    for line in readable(told):
        print(line)
    print(f"written: {out}")


def readable(told: Mapping[str, Any]) -> list[str]:
    """A report as lines of text, one per fact."""
    counts = told.get("photos")
    lines = [f"photos: {', '.join(f'{n} {side}' for side, n in counts.items())}" if isinstance(counts, Mapping)
             else f"photos: {counts}"]  # fmt: skip
    lines += [f"left out: {count} x {reason}" for reason, count in told.get("excluded", {}).items()]
    duplicates = told.get("duplicates") or {}
    if duplicates.get("same_picture_groups"):
        groups = duplicates["same_picture_groups"]
        lines.append(f"same picture: {duplicates['same_picture_photos']} photos in {groups} groups")
    lines += [f"note: {note}" for note in told.get("notes", ())]
    for each in told.get("figures", ()):
        lines.append(
            f"{each['name']}: right for {each['accuracy']:.1%} (commonest label {each['majority']:.1%}), balanced "
            f"{each['balanced_accuracy']:.1%}, log-loss {each['log_loss']:.3f}, temperature {each['temperature']:.2f}"
        )
    for each in told.get("partitions", ()):
        lines.append(f"{each['name']}: {each['cells']} cells, right for {each['accuracy']:.1%}")
    if "measured_on" in told:
        lines.append(f"measured on {told['measured_on']}")
    return lines


def _print_zooms(
    record: dict[str, Any], out: Path, held_out: Path | None, left_out: dict[str, int], *, as_json: bool
) -> None:
    """Print the result of training map encoders, by zoom."""
    if not _is_first():
        return
    if as_json:
        print(
            json.dumps({**record, "left_out": left_out, "test_manifest": None if held_out is None else str(held_out)})
        )
        return
    for zoom, entry in record["zooms"].items():
        print(_zoom_line(zoom, entry))
    print("\n".join([*(f"{count} left out: {reason}" for reason, count in left_out.items()), f"written: {out}"]))
    if held_out is not None:
        print(f"held out: {held_out}; try hereabouts evaluate-search {held_out} --encoders {out} --source ...")


def _zoom_line(zoom: str, entry: dict[str, Any]) -> str:
    """The result of one zoom."""
    test = entry.get("test") or {}
    if entry["validation_loss"] is None:
        outcome = "no photo to calibrate on: train with more photos"
    else:
        outcome = f"validation loss {entry['validation_loss']:.4g}, temperature {entry['temperature']:.4g}"
    if not test.get("photos"):
        return f"zoom {zoom}: {outcome}"
    share = f"{100 * test['share_right']:.1f} %"
    return f"zoom {zoom}: {outcome}; {share} of {test['photos']} held-out photos first among {test['tiles']} tiles"
