"""The catalog's tables. `VERSION` is `PRAGMA user_version`; each step up is one entry of `STEPS`."""

_V1 = """
CREATE TABLE embedder (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,    -- EmbedderIdentity.key: vectors of one key are comparable
    name        TEXT NOT NULL,
    dimensions  INTEGER NOT NULL,
    max_tokens  INTEGER NOT NULL,
    calibration TEXT                     -- JSON, see ingest.evidence
);
CREATE TABLE kb (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: it names the collection in the vector index
    name        TEXT NOT NULL UNIQUE,
    embedder_id INTEGER REFERENCES embedder(id),    -- NULL until the first document
    generation  INTEGER NOT NULL DEFAULT 0,         -- raised by every change; readers compare it
    dirty       INTEGER NOT NULL DEFAULT 0,         -- 1 while the vector index may lag behind or be half written
    staging_for INTEGER REFERENCES kb(id) ON DELETE CASCADE,  -- a rebuild in progress; hidden from people
    created     TEXT NOT NULL
);
CREATE TABLE document (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kb_id       INTEGER NOT NULL REFERENCES kb(id) ON DELETE CASCADE,
    path        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    bytes       INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    pipeline    TEXT NOT NULL,           -- version of loaders and chunker that read it
    title       TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    notes       TEXT NOT NULL,           -- JSON list
    pages       INTEGER NOT NULL,
    chunks      INTEGER NOT NULL,
    added       TEXT NOT NULL,
    UNIQUE (kb_id, path)
);
CREATE INDEX document_content ON document (sha256, pipeline);
CREATE TABLE page (
    document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    label       TEXT NOT NULL,
    section     TEXT NOT NULL,           -- JSON list
    blocks      TEXT NOT NULL,           -- JSON list of [kind, start, end, level]: enough to chunk again
    text        TEXT NOT NULL,
    PRIMARY KEY (document_id, number)
);
CREATE TABLE chunk (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: it is the id in the vector index
    document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
    page        INTEGER NOT NULL,
    start       INTEGER NOT NULL,        -- the text itself is the page's, sliced: it can't disagree
    "end"       INTEGER NOT NULL,
    section     TEXT NOT NULL,
    context     TEXT NOT NULL,
    tokens      INTEGER NOT NULL,
    key         BLOB NOT NULL            -- BLAKE2b-128 of what was embedded
);
CREATE INDEX chunk_document ON chunk (document_id);
CREATE INDEX chunk_key ON chunk (key);
CREATE TABLE vector (
    embedder_id INTEGER NOT NULL REFERENCES embedder(id) ON DELETE CASCADE,
    key         BLOB NOT NULL,
    data        BLOB NOT NULL,           -- float32, little endian, unit length
    PRIMARY KEY (embedder_id, key)
) WITHOUT ROWID;
CREATE TABLE outbox (                    -- what the vector index has not been told yet
    chunk_id    INTEGER PRIMARY KEY,
    kb_id       INTEGER NOT NULL,        -- no foreign key: removals outlive their rows
    removed     INTEGER NOT NULL
);
CREATE INDEX outbox_kb ON outbox (kb_id);
"""

_V2 = """
-- What proves a row, see ingest.catalog.proofs; NULL: it is from before there were any.
ALTER TABLE vector ADD COLUMN digest BLOB;
ALTER TABLE page ADD COLUMN digest BLOB;
"""

_V3 = """
CREATE TABLE place (                     -- where the lines of a recognised page stand on its picture
    document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
    page        INTEGER NOT NULL,
    lines       BLOB NOT NULL,           -- JSON list of [text, eight numbers], see PlacedLine; zlib
    PRIMARY KEY (document_id, page)
);
CREATE TABLE field (                     -- what is said of a document, see ingest.catalog.fields
    document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
    name        TEXT NOT NULL,           -- 'tag', 'title', 'author', 'language', 'date', or the folded name of an own field
    folded      TEXT NOT NULL,           -- the value as filters compare it
    origin      INTEGER NOT NULL,        -- 0 the user, 1 a sidecar, 2 the file itself
    value       TEXT NOT NULL,
    sort,                                -- a number, or a date's first day, or NULL
    effective   INTEGER NOT NULL,        -- 0 where somebody who goes before says otherwise
    PRIMARY KEY (document_id, name, folded, origin)
) WITHOUT ROWID;
CREATE INDEX field_value ON field (name, folded);
-- Titles were there before; what else a file says comes when it is read anew.
INSERT INTO field SELECT id, 'title', lower(title), 2, title, NULL, 1 FROM document WHERE title != '';
CREATE TABLE synced (                    -- places that a knowledge base is kept in step with
    kb_id       INTEGER NOT NULL REFERENCES kb(id) ON DELETE CASCADE,
    place       TEXT NOT NULL,           -- a folder's path, or the address of a page
    keep        INTEGER NOT NULL,
    depth       INTEGER NOT NULL,
    last        TEXT NOT NULL,
    PRIMARY KEY (kb_id, place)
);
CREATE TABLE web_page (                  -- what servers said of pages, so that one that is the same is not sent again
    kb_id       INTEGER NOT NULL REFERENCES kb(id) ON DELETE CASCADE,
    url         TEXT NOT NULL,
    etag        TEXT NOT NULL,
    modified    TEXT NOT NULL,
    PRIMARY KEY (kb_id, url)
);
"""

_V4 = """
-- What stays when a base is renamed or rebuilt, and goes with it: rights are bound to this.
ALTER TABLE kb ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE kb SET identity = lower(hex(randomblob(8)));
ALTER TABLE synced ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN trace TEXT NOT NULL DEFAULT '';  -- JSON of ingest.documents.Trace, '' from before
"""

_V5 = """
CREATE TABLE correction (                -- what people have put right in stored pages, see ingest.catalog.corrections
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kb_id       INTEGER NOT NULL REFERENCES kb(id) ON DELETE CASCADE,
    path        TEXT NOT NULL,           -- the document's; its row changes whenever its file is read anew
    page        INTEGER NOT NULL,
    start       INTEGER NOT NULL,        -- where it stood when it was made
    former      TEXT NOT NULL,
    text        TEXT NOT NULL,
    made        TEXT NOT NULL,
    who         TEXT NOT NULL,
    undone      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX correction_document ON correction (kb_id, path);
"""

STEPS = (_V1, _V2, _V3, _V4, _V5)
VERSION = len(STEPS)
