"""Files in the container of Office 97 and Outlook ([MS-CFB], version 3), written sector by sector."""

from __future__ import annotations

import struct
from itertools import pairwise

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, SMALL, CUTOFF = 512, 64, 4096


def write_ole(path, files):
    """`files`: bytes by path ('folder/stream')."""
    entries = [["Root Entry", 5, b"", {}]]

    def place(parts, data):
        node = entries[0]
        for n, part in enumerate(parts):
            if part not in node[3]:
                last = n == len(parts) - 1
                entries.append([part, 2 if last else 1, data if last else b"", {}])
                node[3][part] = len(entries) - 1
            node = entries[node[3][part]]

    for name, data in files.items():
        place(name.split("/"), data)
    sectors, chain, small, small_chain = [], [], b"", []

    def store(data):
        first = len(sectors)
        count = -(-len(data) // SECTOR)
        for n in range(count):
            sectors.append(data[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, b"\0"))
            chain.append(first + n + 1 if n < count - 1 else END)
        return first if count else END

    starts = []
    for _, kind, data, _ in entries:
        if kind == 2 and len(data) < CUTOFF:
            first, count = len(small_chain), -(-len(data) // SMALL)
            small += data.ljust(count * SMALL, b"\0")
            small_chain += [first + n + 1 if n < count - 1 else END for n in range(count)]
            starts.append(first if count else END)
        else:
            starts.append(store(data) if kind == 2 else 0)
    starts[0] = store(small)
    directory = b""
    siblings = {}
    for _, _, _, children in entries:  # a list to the right is a tree too
        ordered = sorted(children, key=lambda name: (len(name), name.upper()))
        siblings |= {children[here]: children[after] for here, after in pairwise(ordered)}
    for n, (name, kind, data, children) in enumerate(entries):
        raw = name.encode("utf-16-le") + b"\0\0"
        ordered = sorted(children, key=lambda one: (len(one), one.upper()))
        child = children[ordered[0]] if ordered else FREE
        size = len(small) if n == 0 else len(data)
        directory += raw.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ", len(raw), kind, 1, FREE, siblings.get(n, FREE), child, b"", 0, 0, 0, starts[n], size
        )
    directory_at = store(directory)
    small_at = store(struct.pack(f"<{len(small_chain)}I", *small_chain)) if small_chain else END
    fats = 1
    while fats * 128 < len(sectors) + fats:
        fats += 1
    fat_at = len(sectors)
    table = chain + [FAT] * fats
    table += [FREE] * (fats * 128 - len(table))
    packed = struct.pack(f"<{len(table)}I", *table)
    sectors += [packed[n * SECTOR : (n + 1) * SECTOR] for n in range(fats)]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6sIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, fats, directory_at, 0, CUTOFF, small_at,
                          -(-len(small_chain) // 128), END, 0)  # fmt: skip
    header += struct.pack("<109I", *[fat_at + n for n in range(fats)], *[FREE] * (109 - fats))
    path.write_bytes(header + b"".join(sectors))
    return path


def properties(values, header):
    """`values`: (type, number) by tag, as a stream of properties of fixed size."""
    return bytes(header) + b"".join(struct.pack("<HHIQ", kind, tag, 6, value) for tag, (kind, value) in values.items())


def text(tag, value):
    return {f"__substg1.0_{tag}001F": value.encode("utf-16-le")}


def msg_files(subject, body, *, header=32, more=None, fixed=None):
    """The streams of a mail of Outlook."""
    found = {"__properties_version1.0": properties(fixed or {}, header), **text("0037", subject), **text("1000", body)}
    return found | (more or {})
