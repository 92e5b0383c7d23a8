"""/api: what Zhiku itself offers.

forms           what is sent
bases           knowledge bases, and what the caller may do to them
documents       documents: sent, listed, read, tagged, removed; jobs
asking          search, answers, proof of any text
tasks           tasks: begun, followed, approved, gone on with
conversations   earlier conversations
"""
