"""Does this passage say this sentence? Rules over words, numbers, names and vectors; knows no model and no platform.

An answer is taken apart into sentences (`markers`); each that asserts something (`claims`) is held against the passages it
cites, then against the others (`checking`: `check_answer`, for any text and any passages). What that finds becomes
citations where passages are hits on stored pages (`citations`), and words for people (`verdicts`). One sentence and one
passage (`support`): every window of one to three sentences (`spans`) is asked, in this order and up to the first no, whether

    1. nothing was exchanged (`comparison`)   2. it has the numbers (`numbers`, `relations`)   3. it has the names and titles
    4. neither denies the other (`denial`)    5. numbers and subjects belong together (`binding`, `siblings`, `attribution`)
    6. it has enough of the words (`rarity`)

Then a window that says otherwise vetoes its neighbours, and similarity may make up for words (`similarity`). Across
languages 1 and 4 are left out. Where no model writes, `quotes` ranks what passages state (`statements`, with `tables` and
`forms`) by how it suits the question (`asked`, `relevance`). Whether that answers the question at all, or a model's
proven sentence does, `answering` says; across languages by the words that correspond (`alignment`).
"""
