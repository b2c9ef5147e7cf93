"""Uploaded files: what is read, what is measured, and every refusal with what was found."""

import hashlib
import wave
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.recordings import waveform
from campaigns.recordings.decoding import RATE, resample
from campaigns.recordings.sniffing import MAX_BYTES, SoundRefused
from campaigns.recordings.sound import read_sound
from tests.examples import examples
from tests.factories.sounds import as_file, silence, spoken, voice


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_every_format_and_rate_becomes_16_bit_mono_at_16_khz(kind: str, rate: int) -> None:
    data = as_file(voice(5, rate=rate), kind=kind, rate=rate)

    sound = read_sound(data, trim_silence=False)

    with wave.open(BytesIO(sound.wav)) as played:
        assert (played.getnchannels(), played.getsampwidth(), played.getframerate()) == (1, 2, RATE)
        assert played.getnframes() / RATE == pytest.approx(5, abs=0.1)
    assert sound.sha256 == hashlib.sha256(sound.wav).hexdigest()
    assert sound.measured.seconds == pytest.approx(5, abs=0.1)
    assert sound.measured.level_db == pytest.approx(-17.3, abs=1)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "ULAW", "ALAW"])
def test_every_kind_of_wav_is_read(subtype: str) -> None:
    assert read_sound(as_file(voice(3), subtype=subtype)).measured.seconds == pytest.approx(3, abs=0.05)


def test_stereo_is_mixed_to_one_channel() -> None:
    both = np.stack([voice(3), silence(3)], axis=1)

    sound = read_sound(as_file(both))

    assert sound.measured.peak_db == pytest.approx(20 * np.log10(0.15), abs=0.2)


def test_the_same_samples_have_the_same_hash_whatever_the_container() -> None:
    samples = (voice(3) * 32768).astype(np.int16)

    assert read_sound(as_file(samples)).sha256 == read_sound(as_file(samples, kind="FLAC")).sha256
    assert read_sound(as_file(samples), trim_silence=False).wav[44:] == samples.tobytes()


@pytest.mark.parametrize("lead", [0.0, 0.5, 1.7, 3.0])
def test_the_first_sound_is_found_to_the_hundredth(lead: float) -> None:
    data = as_file(np.concatenate([silence(lead), voice(4)]))

    measured = read_sound(data, trim_silence=False).measured

    assert measured.first_sound_at == pytest.approx(lead, abs=0.02)
    assert measured.silence_share == pytest.approx(lead / (lead + 4), abs=0.02)


def test_a_click_and_the_rooms_hiss_are_no_first_sound() -> None:
    hiss = np.random.default_rng(7).normal(0, 0.002, RATE * 3).astype(np.float32)
    hiss[8_000:8_050] = 0.6
    data = as_file(np.concatenate([hiss, voice(4)]))

    assert read_sound(data, trim_silence=False).measured.first_sound_at == pytest.approx(3, abs=0.03)


def test_silence_before_and_after_is_cut_off() -> None:
    data = as_file(np.concatenate([silence(4), voice(5), silence(6)]))

    sound = read_sound(data)

    assert sound.measured.first_sound_at == pytest.approx(0.1, abs=0.02)
    assert sound.measured.seconds == pytest.approx(5.4, abs=0.05)
    assert sound.cut_seconds == pytest.approx(3.9, abs=0.02)


def test_silence_that_made_a_file_too_long_is_refused_all_the_same() -> None:
    # What is heard is checked before it is trimmed: a file of two minutes was not meant as a message of one.
    with pytest.raises(SoundRefused, match="too long"):
        read_sound(as_file(np.concatenate([silence(100), voice(5)])))


def test_a_minute_is_not_too_long() -> None:
    assert read_sound(spoken(60)).measured.seconds == 60


def test_a_soft_voice_is_taken_and_marked() -> None:
    assert read_sound(spoken(3, loudness=0.02)).measured.is_quiet
    assert not read_sound(spoken(3)).measured.is_quiet


def clipped() -> bytes:
    return as_file(np.clip(voice(4, loudness=6), -1, 1))


def lying_wav() -> bytes:
    data = bytearray(spoken(3))
    data[40:44] = (len(data) * 20).to_bytes(4, "little")
    return bytes(data)


def rate_in_header(rate: int) -> bytes:
    data = bytearray(spoken(3))
    data[24:28] = rate.to_bytes(4, "little")
    return bytes(data)


def channels(number: int) -> bytes:
    return as_file(np.repeat(voice(3)[:, None], number, axis=1))


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("a 0-byte file", b"", "empty", "0 bytes"),
        ("a header alone", spoken(3)[:44][:40] + bytes(4), "empty", "no sound"),
        ("no data chunk", spoken(3)[:36], "empty", "no sound"),
        ("too long", spoken(61), "too_long", "60 seconds"),
        ("an hour in half a megabyte", as_file(silence(3600, rate=8_000), kind="FLAC", rate=8_000), "too_long", "3,600 seconds"),
        ("too large", b"RIFF" + bytes(MAX_BYTES), "too_large", "10 MB"),
        ("silent", as_file(silence(5)), "silent", "microphone"),
        ("hiss alone", as_file(np.random.default_rng(1).normal(0, 0.001, RATE).astype(np.float32)), "silent", "microphone"),
        ("clipped", clipped(), "clipped", "overdriven"),
        ("a moment", as_file(voice(0.3)), "too_short", "too short"),
        ("a few samples", as_file(voice(0.02)), "too_short", "too short"),
        ("a moment in much silence", as_file(np.concatenate([silence(3), voice(0.2), silence(3)])), "too_short", "too short"),
        ("a WAV that says it is longer than it is", lying_wav(), "cut_off", "cut off"),
        ("a WAV cut off in the middle", spoken(8)[:100_000], "cut_off", "cut off"),
        ("four samples a second", rate_in_header(4), "bad_header", "4 samples"),
        ("four billion samples a second", rate_in_header(2**32 - 1), "unreadable", "damaged"),
        ("six channels", channels(6), "bad_header", "6 channels"),
        ("an MP4 video", b"\0\0\0\x20ftypisom" + bytes(900), "video", "MP4"),
        ("a WebM video", b"\x1a\x45\xdf\xa3" + bytes(900), "video", "WebM"),
        ("an AVI video", b"RIFF\0\0\0\0AVI LIST" + bytes(900), "video", "AVI"),
        ("an Ogg video", b"OggS" + bytes(24) + b"\x80theora" + bytes(900), "video", "Ogg"),
        ("an M4A file", b"\0\0\0\x20ftypM4A " + bytes(900), "not_audio", "M4A"),
        ("a PDF", b"%PDF-1.7" + bytes(900), "not_audio", "PDF"),
        ("a ZIP archive", b"PK\x03\x04" + bytes(900), "not_audio", "ZIP"),
        ("a web page", b"<!doctype html><script>alert(1)</script>", "not_audio", "no recording"),
        ("a name that lies", b"hello" * 100, "not_audio", "no recording"),
        ("FLAC in name", b"fLaC" + bytes(900), "unreadable", "damaged"),
        ("Ogg in name", b"OggS" + bytes(900), "unreadable", "damaged"),
        ("MP3 in name", b"ID3\x04" + bytes(900), "unreadable", "damaged"),
        ("not a number", as_file(np.full(RATE, np.nan, np.float32), subtype="FLOAT"), "unreadable", "16 bits"),
    ],
)  # fmt: skip
def test_hostile_and_mistaken_files_are_refused_with_what_was_found(
    name: str, data: bytes, code: str, words: str
) -> None:
    with pytest.raises(SoundRefused) as refused:
        read_sound(data)

    assert refused.value.code == code, name
    assert words in str(refused.value), name


@settings(max_examples=examples(60), deadline=None)
@given(
    data=st.binary(max_size=600),
    start=st.sampled_from([b"", b"RIFF\x40\0\0\0WAVEfmt ", b"fLaC", b"OggS", b"ID3", b"\xff\xfb"]),
)
def test_noise_is_refused_in_words_and_never_otherwise(data: bytes, start: bytes) -> None:
    with pytest.raises(SoundRefused):
        read_sound(start + data)


WHOLE = {kind: as_file(voice(2), kind=kind) for kind in ("WAV", "FLAC", "OGG", "MP3")}


@settings(max_examples=examples(100), deadline=None)
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    kept=st.floats(0.001, 1),
)
def test_a_damaged_file_is_read_or_refused_in_words(
    kind: str, changes: list[tuple[int, int]], kept: float
) -> None:
    data = bytearray(WHOLE[kind])
    for at, value in changes:
        data[at] = value

    try:
        sound = read_sound(bytes(data[: max(1, int(len(data) * kept))]))
    except SoundRefused:
        return

    assert len(sound.wav) <= 44 + 2 * RATE * 61


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_resampling_keeps_a_tone_and_drops_what_the_rate_cannot_carry(rate: int) -> None:
    t = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 1_000 * t).astype(np.float32) * 0.5
    if rate > 2 * 12_000:
        tone += np.sin(2 * np.pi * 12_000 * t).astype(np.float32) * 0.4  # would be mirrored to 4 kHz

    found = resample(tone, rate)

    wanted = np.sin(2 * np.pi * 1_000 * np.arange(RATE) / RATE) * 0.5
    assert len(found) == RATE
    assert np.abs(found - wanted)[800:-800].max() < 0.02


def test_the_picture_is_one_closed_shape_inside_its_box() -> None:
    sound = read_sound(spoken(3))

    drawn = waveform.path(sound.peaks)

    numbers = [float(part) for part in drawn.strip("MZ").replace("L", "").split()]
    assert drawn.startswith("M")
    assert drawn.endswith("Z")
    assert max(numbers[::2]) <= waveform.WIDTH
    assert 0 <= min(numbers[1::2]) < max(numbers[1::2]) <= waveform.HEIGHT
    assert waveform.path([]) == ""
    assert waveform.path([0, 0]) != ""
