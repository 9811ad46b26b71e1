"""Sign the log as it stands. What is signed is what is stored, so no two statements about one size can be."""

from __future__ import annotations

from shared.domain.trail.merkle import root
from shared.domain.trail.note import Checkpoint, NamedKey, Note, Signature
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.signer import Signer


def sign_log(*, origin: str, seals: SealStore, signer: Signer) -> str | None:
    """Give the signed checkpoint of the log, made if there is none of its size yet; None: the log is empty.

    Raises:
        StoreUnavailable: it is not known to be kept; the next run signs the same.

    """
    size = seals.log_size()
    if size == 0:
        return None
    newest = seals.note()
    if newest is not None and newest[0] == size:
        return newest[1]
    key = NamedKey(name=origin, public=signer.public_key)
    seals.keep_key(str(key))  # before its first signature: there is none of a key that nobody can find
    text = str(Checkpoint(origin=origin, size=size, root=root(size, seals.log_node)))
    signature = Signature(name=origin, key_id=key.key_id, signature=signer.sign(text.encode()))
    return seals.keep_note(size, str(Note(text=text, signatures=(signature,))))
