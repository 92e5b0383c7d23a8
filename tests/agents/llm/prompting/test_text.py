from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.llm.prompting.reply import TextStream, repeats


def _run(pieces: list[bytes], stops: tuple[str, ...] = ()) -> str:
    stream = TextStream(stops)
    return "".join(map(stream.feed, pieces)) + stream.finish()


@given(st.text(max_size=30), st.integers(1, 4))
def test_characters_cut_between_tokens_come_whole(text: str, step: int) -> None:
    raw = text.encode("utf-8", "ignore")
    stream = TextStream()
    parts = [stream.feed(raw[i : i + step]) for i in range(0, len(raw), step)]
    assert "".join(parts) == raw.decode()
    assert not any("\ufffd" in part for part in parts if "\ufffd" not in text)


def test_half_a_character_at_the_end_is_left_out() -> None:
    assert _run(["天".encode() + "年".encode()[:2]]) == "天"
    assert _run([b"\xe5\xa4", b"ok"]) == "ok"


def test_stop_across_pieces_and_a_stop_that_does_not_come() -> None:
    assert _run([b"one\nObs", b"erva", b"tion: x"], ("\nObservation:",)) == "one"
    assert _run([b"one\nObs", b"ess"], ("\nObservation:",)) == "one\nObsess"
    assert _run([b"one\nObs"], ("\nObservation:",)) == "one\nObs"


@given(st.text("abc", max_size=20), st.lists(st.text("abc", min_size=1, max_size=3), max_size=3), st.integers(1, 3))
def test_stops_cut_as_they_would_in_the_whole_text(text: str, stops: list[str], step: int) -> None:
    raw = text.encode()
    got = _run([raw[i : i + step] for i in range(0, len(raw), step)], tuple(stops))
    # Cut piece by piece, a longer stop that begins earlier may be overtaken by a shorter one that is complete first.
    assert text.startswith(got)
    assert got == text or any(text[len(got) :].startswith(stop) for stop in stops)


def test_a_reply_that_goes_round_in_circles_is_noticed() -> None:
    story = list(range(1000, 1150))
    circle = [7, 8, 9, 10, 11, 12, 13]
    assert not any(repeats(story[:n]) for n in range(150))
    assert not any(repeats((story[:40] + circle * 6)[:n]) for n in range(82))
    looped = story[:40] + circle * 30
    assert any(repeats(looped[:n]) for n in range(len(looped)))
    assert any(repeats([5] * n) for n in range(120))


def test_chinese_and_emoji_byte_by_byte_never_show_a_replacement() -> None:
    text = "年假二十五天。🎉 👩‍👩‍👧‍👦 🇨🇳 é 𠮷"
    stream = TextStream(("<end>",))
    parts = [stream.feed(bytes([byte])) for byte in text.encode()] + [stream.finish()]
    assert "".join(parts) == text
    assert all("\ufffd" not in part for part in parts)
