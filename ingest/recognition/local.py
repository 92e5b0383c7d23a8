"""Recognition on this machine: rapidocr with the PP-OCRv6 models of its wheel, on ONNX Runtime.

rapidocr finds and reads lines; how the page lies, what its tables' rules are and which lines deserve a second look is
decided here. Its own classifier of upside-down lines is not asked: it turns long lines of clean print over (3 of 40 lines
of an English page), while a whole page tells its direction beyond doubt.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.language import Text
from ingest.recognition.recognised import Recognised, RecognitionError, TextLine
from ingest.recognition.rules import frames_of, parted

Pixels = NDArray[np.uint8]
Quads = NDArray[np.float32]
"""n × 4 × 2: corners of lines in pixels, in the order of `Corners`."""

DETECTED = 1536
"""Pixels of the longer side at which lines are looked for; they are read at full size. Bounds time and memory."""
SURE = 0.5
"""Score from which a line is taken; textures of photographs score below."""
_DOUBTED = 0.9
"""Score below which a line is read once more with more of its surroundings."""
_ROOM = 0.12
"""What a line is cut out larger by above and below, in its height."""
_SMALL = 800
"""Pixels of the longer side below which a picture is enlarged: pieces of screens have letters ten pixels high."""
_SAMPLE = 6
"""Lines by which the direction of a page is told, the longest ones."""
_LEVEL = 0.2
"""Degrees up to which a page counts as level."""


class LocalReader:
    """Reads pictures with rapidocr. The models are loaded on the first picture (about a second)."""

    def __init__(self, threads: int = 1, *, fold: bool = False) -> None:
        """`fold`: full-width letters and signs are written as ASCII, for texts without Chinese."""
        self._threads, self._fold = threads, fold
        self._engine: Any = None

    def read(self, picture: Pixels) -> Recognised:
        """The lines of a picture (height × width × RGB). Raises `RecognitionError`."""
        try:
            return self._found(picture)
        except Exception as error:
            # OpenCV and ONNX Runtime have classes of their own for memory that can't be had, and for everything else.
            if isinstance(error, MemoryError) or "alloc" in str(error).lower():
                raise RecognitionError(
                    Text("Recognising the picture takes more memory than allowed.", "识别图片所需内存超过上限。"),
                    Text(
                        "Raise the setting parse_memory_mb and add it again.", "请调高设置 parse_memory_mb 后重新添加。"
                    ),
                ) from error
            raise RecognitionError(
                Text(
                    f"The text recognition failed ({type(error).__name__}).",
                    f"文字识别出错（{type(error).__name__}）。",
                ),
                Text("Install it anew with make setup.", "请运行 make setup 重新安装。"),
            ) from error

    def _found(self, picture: Pixels) -> Recognised:
        import cv2

        pixels = np.ascontiguousarray(picture[:, :, ::-1])
        if max(pixels.shape) < _SMALL:
            pixels = np.asarray(cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        quads = self._lines(pixels)
        if not len(quads):
            return Recognised(float(picture.shape[1]), float(picture.shape[0]))
        turn = self._turn(pixels, quads)
        upright = np.ascontiguousarray(np.rot90(pixels, turn))
        quads = _begun_above(_quarters(quads, turn, pixels.shape[1], pixels.shape[0]), turn)
        angle = _skew(quads)
        matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
        if abs(angle) > _LEVEL:
            upright, matrix = _levelled(upright, angle)
            quads = cv2.transform(quads, matrix).astype(np.float32)
        boxes = np.concatenate([quads.min(1), quads.max(1)], 1)
        frames = frames_of(upright, boxes)
        quads = parted(quads, frames)
        lines = []
        back = cv2.invertAffineTransform(matrix)
        for quad, (text, score) in zip(quads, self._read(upright, quads), strict=True):
            if score >= SURE and text.strip():
                given = _quarters(cv2.transform(quad[None], back), -turn, *_turned_size(pixels, turn))
                corners = np.clip(given[0] / (pixels.shape[1], pixels.shape[0]), 0, 1).astype(float).ravel()
                left, top = quad.min(0).tolist()
                right, bottom = quad.max(0).tolist()
                lines.append(TextLine(self._folded(text), (left, top, right, bottom), tuple(corners.tolist()), score))
        return Recognised(float(upright.shape[1]), float(upright.shape[0]), tuple(lines), frames)

    def _folded(self, text: str) -> str:
        import unicodedata

        return unicodedata.normalize("NFKC", text).strip() if self._fold else text.strip()

    def _open(self) -> Any:  # noqa: ANN401 - rapidocr names its classes, not their attributes
        if self._engine is None:
            import rapidocr

            models = Path(rapidocr.__file__).parent / "models"
            self._engine = rapidocr.RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                    # Named, they are taken as they are: nothing is looked for on the network.
                    "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                    "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                    "Global.max_side_len": DETECTED,
                    "Det.limit_type": "max",
                    "Det.limit_side_len": DETECTED,
                }
            )
        return self._engine

    def _lines(self, pixels: Pixels) -> Quads:
        found = self._open()(pixels, use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None:
            return np.zeros((0, 4, 2), np.float32)
        quads = np.asarray(found.boxes, np.float32).reshape(-1, 4, 2)
        return quads[(_lengths(quads) >= 4).all(1)]

    def _read(self, pixels: Pixels, quads: Quads, room: float = _ROOM) -> list[tuple[str, float]]:
        if not len(quads):
            return []
        engine = self._open()
        found = engine.recognize_txt([_cut_out(pixels, quad) for quad in _widened(quads, room)])
        read = list(zip(found.txts, map(float, found.scores), strict=True))
        doubted = [n for n, (_, score) in enumerate(read) if 0.1 < score < _DOUBTED]
        if doubted and room == _ROOM:
            for n, second in zip(doubted, self._read(pixels, quads[doubted], 2 * _ROOM), strict=True):
                read[n] = max(read[n], second, key=lambda pair: pair[1])
        return read

    def _turn(self, pixels: Pixels, quads: Quads) -> int:
        """Quarter turns counter-clockwise after which the page can be read."""
        width, height = _lengths(quads).T
        tall = height > 1.5 * width
        lying = float(height[tall].sum()) > float(width[~tall].sum())
        kept = np.flatnonzero(tall if lying else ~tall)
        sample = quads[kept[np.argsort(-np.maximum(width, height)[kept])][:_SAMPLE]]
        scores: dict[int, float] = {}
        for turn in (1, 3) if lying else (0, 2):
            rotated = np.ascontiguousarray(np.rot90(pixels, turn))
            lines = _begun_above(_quarters(sample, turn, pixels.shape[1], pixels.shape[0]), turn)
            scores[turn] = float(np.mean([score for _, score in self._read(rotated, lines, 1.01 * _ROOM)]))
            if scores[turn] > _DOUBTED:
                return turn
        return max(scores, key=lambda turn: scores[turn])


def _lengths(quads: Quads) -> NDArray[np.float32]:
    """Width and height of each."""
    return np.stack(
        [np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1), np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)], 1
    )


def _widened(quads: Quads, room: float) -> Quads:
    """Higher by `room` above and below, and as much longer at both ends."""
    down = (quads[:, 3] - quads[:, 0]) * room
    length = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1, keepdims=True)
    along = (quads[:, 1] - quads[:, 0]) / np.maximum(length, 1) * np.linalg.norm(down, axis=1, keepdims=True)
    return np.stack(
        [
            quads[:, 0] - down - along,
            quads[:, 1] - down + along,
            quads[:, 2] + down + along,
            quads[:, 3] + down - along,
        ],
        1,
    ).astype(np.float32)


def _cut_out(pixels: Pixels, quad: Quads) -> Pixels:
    """The line alone, level. Unlike rapidocr's own, a narrow one ('1') is not taken for one that stands on its end."""
    import cv2

    width, height = (max(2, round(float(n))) for n in _lengths(quad[None])[0])
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, flat)
    cut = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _quarters(quads: Quads, turn: int, width: int, height: int) -> Quads:
    """Where the corners lie after `turn` quarter turns counter-clockwise of a picture of that size."""
    for _ in range(turn % 4):
        quads = np.stack([quads[..., 1], width - quads[..., 0]], -1)
        width, height = height, width
    return quads


def _begun_above(quads: Quads, turn: int) -> Quads:
    """The corners counted from where a line begins in the picture after `turn` quarter turns counter-clockwise."""
    return np.roll(quads, -turn, axis=1)


def _turned_size(pixels: Pixels, turn: int) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    return (height, width) if turn % 2 else (width, height)


def _skew(quads: Quads) -> float:
    """Degrees by which the lines fall to the right: the median of the longer half."""
    along = quads[:, 1] - quads[:, 0]
    lengths = np.linalg.norm(along, axis=1)
    kept = along[lengths >= np.median(lengths)]
    return math.degrees(float(np.median(np.arctan2(kept[:, 1], kept[:, 0]))))


def _levelled(pixels: Pixels, angle: float) -> tuple[Pixels, NDArray[np.float64]]:
    """The picture turned back by `angle`, enlarged so that nothing is lost, and how its points have moved."""
    import cv2

    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(height * sine + width * cosine), int(height * cosine + width * sine))
    matrix[:, 2] += (size[0] / 2 - width / 2, size[1] / 2 - height / 2)
    return cv2.warpAffine(
        pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255)
    ), matrix
