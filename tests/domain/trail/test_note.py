"""Signed notes and checkpoints: the examples of their specifications, and what is none."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.trail.note import (
    Checkpoint,
    Note,
    NoteUnreadable,
    Signature,
    key_id_of,
    read_checkpoint,
    read_note,
)

# The examples of c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
A_NOTE = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore \
NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
A_CHECKPOINT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

names = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="+"), min_size=1, max_size=20)
lines = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
signatures = st.builds(
    Signature,
    name=names,
    key_id=st.binary(min_size=4, max_size=4),
    signature=st.binary(min_size=1, max_size=80),
)


def test_the_published_note_is_read_and_written_as_it_was() -> None:
    note = read_note(A_NOTE)

    assert note.text.endswith("\n\ned è subito sera.\n")
    assert [(each.name, each.key_id.hex()) for each in note.signatures] == [("quasimodo.example/salvatore", "367ba04b")]
    assert str(note) == A_NOTE


def test_the_published_checkpoint_is_read_and_written_as_it_was() -> None:
    note = read_note(A_CHECKPOINT)
    checkpoint = read_checkpoint(note.text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert str(checkpoint) == note.text


@given(st.lists(lines, min_size=1, max_size=5), st.lists(signatures, min_size=1, max_size=16))
def test_whatever_is_signed_is_read_as_it_was_written(text: list[str], signed: list[Signature]) -> None:
    note = Note(text="x" + "\n".join(text) + "\n", signatures=tuple(signed))

    assert read_note(str(note)) == note


@given(names, st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_is_read_as_it_was_written(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin=origin, size=size, root=root)

    assert read_checkpoint(str(checkpoint)) == checkpoint


@pytest.mark.parametrize(
    "written",
    [
        "",
        "text\n",
        "\n\n— name AAAAAAA=\n",
        A_NOTE.removesuffix("\n"),
        A_NOTE.replace("\n— ", "\n- "),
        A_NOTE.replace("Ognuno", "Ognuno\t"),
        A_NOTE.replace(" NnugSz", "  NnugSz"),
        A_NOTE.replace("tIc=", "tId="),
        "text\n\n— name AAAAAA==\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n" + "— name AAAAAAA=\n" * 17,
    ],
)
def test_what_is_no_note_is_refused(written: str) -> None:
    with pytest.raises(NoteUnreadable):
        read_note(written)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n1\n",
        "origin\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteUnreadable):
        read_checkpoint(text)


def test_the_id_of_a_key_is_the_beginning_of_the_digest_of_its_der_form() -> None:
    assert key_id_of(b"").hex() == "e3b0c442"  # SHA-256 of nothing begins so
